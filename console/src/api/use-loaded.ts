import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { RequestFault } from "./request.ts";

export type Loaded<Value> = {
  /** What was loaded last for this key, even when loading it again failed. */
  readonly value: Value | null;
  readonly fault: RequestFault | null;
  readonly isLoading: boolean;
  /** When `value` came, in milliseconds. */
  readonly readAt: number | null;
  reload(): void;
};

type State<Value> = Omit<Loaded<Value>, "reload"> & { readonly key: string };

/**
 * Loads something when `key` changes, and again every `everyMs` while the page is looked at. A faulty answer keeps the last
 * good one beside it.
 * @param version when it changes there is something newer of the same: it is loaded, and the old is shown until it is here.
 */
export function useLoaded<Value>(
  key: string,
  load: (signal: AbortSignal) => Promise<Value>,
  everyMs: number | null = null,
  version: unknown = null,
): Loaded<Value> {
  const blank: State<Value> = { key, value: null, fault: null, isLoading: true, readAt: null };
  const [state, setState] = useState<State<Value>>(blank);
  const [round, setRound] = useState(0);
  const latest = useRef(load);
  latest.current = load;
  const current = state.key === key ? state : blank;

  useEffect(() => {
    const stopping = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const keep = (change: Partial<State<Value>>) =>
      setState((last) => ({ ...(last.key === key ? last : { ...blank, key }), ...change }));
    async function run(): Promise<void> {
      if (document.visibilityState === "visible" || everyMs === null) {
        keep({ isLoading: true });
        try {
          const value = await latest.current(stopping.signal);
          if (stopping.signal.aborted) return;
          keep({ value, fault: null, isLoading: false, readAt: Date.now() });
        } catch (error) {
          if (stopping.signal.aborted) return;
          const fault =
            error instanceof RequestFault ? error : new RequestFault(0, "Something went wrong", String(error));
          keep({ fault, isLoading: false });
        }
      }
      if (everyMs !== null) timer = setTimeout(run, everyMs);
    }
    void run();
    return () => {
      stopping.abort();
      clearTimeout(timer);
    };
  }, [key, round, everyMs, version]);

  const reload = useCallback(() => setRound((last) => last + 1), []);
  return { ...current, reload };
}
