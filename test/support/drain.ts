import { eventually } from "./eventually.ts";
import type { TestBed } from "./test-bed.ts";

/** Waits until APPLICATIONS is empty: every message is settled. Fails when a scorer does, or when nothing was settled for a while. */
export async function drained(bed: TestBed, patienceMs = 30_000): Promise<void> {
  let least = Number.POSITIVE_INFINITY;
  let deadline = Date.now() + patienceMs;
  await eventually(
    "every application is settled",
    async () => {
      const fault = bed.fault();
      if (fault !== undefined) throw new Error(`a scorer ended by itself, ${fault}`);
      const left = await backlog(bed);
      if (left === undefined) return false;
      if (left < least) deadline = Date.now() + patienceMs;
      least = Math.min(least, left);
      if (Date.now() > deadline)
        throw new Error(`${left} applications were left and none was settled for ${patienceMs} ms`);
      return left === 0;
    },
    { withinMs: 3_600_000, everyMs: 100 },
  );
}

/** Messages in APPLICATIONS; undefined while the broker doesn't answer. */
export async function backlog({ jsm }: TestBed): Promise<number | undefined> {
  return jsm.streams.info("APPLICATIONS").then(
    ({ state }) => state.messages,
    () => undefined,
  );
}
