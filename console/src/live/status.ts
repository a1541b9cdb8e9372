import { RequestFault } from "../api/request.ts";
import { readMe, readStatus } from "../api/routes.ts";
import { currentToken, knowMe } from "../session.ts";
import { createStore } from "../store.ts";
import type { StatusReading } from "./connection.ts";

const PERIOD_MS = 1_000;
/** Nobody looks, but the title and what is drawn on return shall not be old. */
const HIDDEN_PERIOD_MS = 15_000;

const NOTHING: StatusReading = { status: null, readAt: null, fault: null, failingSince: null };

/** The system's state as last read, for every view. */
export const statusReading = createStore<StatusReading>(NOTHING);

let askAgain: () => void = () => {};

/** Asks at once instead of when the period is over. */
export function askNow(): void {
  askAgain();
}

/** Reads the status every second while the page is looked at; returns what stops it. */
export function watchStatus(): () => void {
  const stopping = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isAsking = false;
  statusReading.set(NOTHING);

  async function ask(): Promise<void> {
    clearTimeout(timer);
    if (isAsking || stopping.signal.aborted) return;
    isAsking = true;
    try {
      const status = await readStatus(stopping.signal);
      statusReading.set({ status, readAt: Date.now(), fault: null, failingSince: null });
    } catch (error) {
      if (stopping.signal.aborted) return;
      const fault =
        error instanceof RequestFault ? error : new RequestFault(0, "The answer can't be read", String(error));
      const last = statusReading.get();
      statusReading.set({ ...last, fault, failingSince: last.failingSince ?? Date.now() });
    } finally {
      isAsking = false;
    }
    timer = setTimeout(ask, document.visibilityState === "visible" ? PERIOD_MS : HIDDEN_PERIOD_MS);
  }

  const look = () => void (document.visibilityState === "visible" && ask());
  askAgain = () => void ask();
  document.addEventListener("visibilitychange", look);
  addEventListener("online", askAgain);
  void ask();
  void identify(stopping.signal);
  return () => {
    stopping.abort();
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", look);
    removeEventListener("online", askAgain);
  };
}

/** Asks who this is until the gateway answers; a token that isn't good ends the session by itself. */
async function identify(signal: AbortSignal): Promise<void> {
  const token = currentToken();
  while (token !== null && !signal.aborted) {
    try {
      knowMe(token, await readMe(signal));
      return;
    } catch (error) {
      if (error instanceof RequestFault && error.status >= 400 && error.status < 500) return;
      await new Promise((resolve) => setTimeout(resolve, 2_000));
    }
  }
}
