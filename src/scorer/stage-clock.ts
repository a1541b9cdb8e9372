import type { Stage } from "./metrics.ts";

/** Runs a stage's work and notes how long it took. */
export type StageClock = <T>(stage: Stage, work: () => T | Promise<T>) => Promise<T>;

/** A clock that tells each stage's time, also of one that failed, in seconds. */
export function stageClock(took: (stage: Stage, seconds: number) => void): StageClock {
  return async (stage, work) => {
    const from = process.hrtime.bigint();
    try {
      return await work();
    } finally {
      took(stage, Number(process.hrtime.bigint() - from) / 1e9);
    }
  };
}
