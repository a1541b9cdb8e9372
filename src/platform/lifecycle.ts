import { messageOf } from "./errors.ts";
import type { Logger } from "./log.ts";

type Teardown = { readonly name: string; readonly stop: () => Promise<void> | void; readonly withinMs: number };

export type Lifecycle = {
  /** Registers how to undo what was just made; call it on the line after the making. */
  onStop(name: string, stop: () => Promise<void> | void, withinMs?: number): void;
  /** Undoes everything, last made first. Idempotent: every call returns the same promise. */
  stop(): Promise<void>;
};

/**
 * An ordered list of teardowns. Each is bounded (default 5 s) and a failing or late one doesn't keep the others from
 * running; their errors are joined into one AggregateError at the end.
 */
export function createLifecycle(log: Logger): Lifecycle {
  const teardowns: Teardown[] = [];
  let stopping: Promise<void> | undefined;

  async function stopAll(): Promise<void> {
    const errors: Error[] = [];
    for (let next = teardowns.pop(); next !== undefined; next = teardowns.pop()) {
      try {
        await bounded(next);
      } catch (error) {
        log.error({ component: next.name, error: messageOf(error) }, "could not stop cleanly");
        errors.push(new Error(`${next.name}: ${messageOf(error)}`, { cause: error }));
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, errors.map((error) => error.message).join("; "));
  }

  return {
    onStop(name, stop, withinMs = 5_000) {
      teardowns.push({ name, stop, withinMs });
    },
    stop() {
      stopping ??= stopAll();
      return stopping;
    },
  };
}

async function bounded({ stop, withinMs }: Teardown): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`did not stop within ${withinMs} ms`)), withinMs);
  });
  try {
    await Promise.race([stop(), late]);
  } finally {
    clearTimeout(timer);
  }
}
