import { readEnvironment } from "../../src/app/environment.ts";
import { runScorer } from "../../src/app/scorer.ts";

/**
 * A scorer that is killed from within as a batch passes a boundary of the pipeline.
 * Usage: node scorer-that-dies.ts <boundary> <which passing, from 1>
 */
const [, , boundary, nth] = process.argv;
const stop = new AbortController();
process.once("SIGTERM", () => stop.abort());

let passings = 0;
await runScorer(readEnvironment(), stop.signal, (passed) => {
  if (passed === boundary && ++passings === Number(nth)) process.kill(process.pid, "SIGKILL");
});
process.exit();
