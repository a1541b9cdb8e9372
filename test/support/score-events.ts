import type { TestBed } from "./test-bed.ts";

const CHANNELS = ["web", "branch"];
const DECISIONS = ["approve", "refer", "decline"];
const made = new WeakMap<TestBed, number>();

/** Publishes score events as scorers do: channels and decisions in turn, beginning with web and approve. */
export async function publishScores(bed: TestBed, count: number, padding = 0): Promise<void> {
  const first = made.get(bed) ?? 0;
  made.set(bed, first + count);
  const publications = Array.from({ length: count }, (_, index) => {
    const number = first + index;
    const [channel, decision] = [CHANNELS[number % CHANNELS.length]!, DECISIONS[number % DECISIONS.length]!];
    const received_at = new Date().toISOString();
    const score = { application_id: `A-${number}`, channel, decision, score: 0.1, reasons: [], received_at };
    const event = JSON.stringify({ ...score, padding: "x".repeat(padding) });
    return bed.js.publish(`scores.${channel}.${decision}.A-${number}`, event);
  });
  await Promise.all(publications);
}

/** The newest sequence in SCORES. */
export async function lastScore(bed: TestBed): Promise<number> {
  return (await bed.jsm.streams.info("SCORES")).state.last_seq;
}

/** All whole numbers from one to another. */
export function upTo(last: number, from = 1): number[] {
  return Array.from({ length: last - from + 1 }, (_, index) => from + index);
}
