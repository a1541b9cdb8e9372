import { appendFileSync, existsSync, readFileSync, truncateSync } from "node:fs";
import { followScores } from "../client/scores.ts";

/**
 * Keeps every decision in a file, each once, however often this is stopped or killed:
 * PLUMBLINE_TOKEN=… node examples/keep-decisions.ts decisions.jsonl
 *
 * The position is in the file itself, so that it can't differ from what was kept. A program that writes to a database
 * puts both into one transaction.
 */

const { PLUMBLINE_URL = "http://127.0.0.1:8080", PLUMBLINE_TOKEN = "" } = process.env;
const [file = "decisions.jsonl"] = process.argv.slice(2);

const kept = existsSync(file) ? readFileSync(file) : Buffer.alloc(0);
// A line that was being written when the last run was killed.
const whole = kept.lastIndexOf("\n") + 1;
if (whole < kept.length) truncateSync(file, whole);
const lastLine = kept.subarray(0, whole).toString().trimEnd().split("\n").at(-1)!;
const next = lastLine === "" ? 1 : (JSON.parse(lastLine) as { sequence: number }).sequence + 1;
console.error(`from ${next} on`);

const following = followScores({
  gateway: PLUMBLINE_URL,
  token: () => PLUMBLINE_TOKEN,
  from: next,
  onScore: (score, sequence) => appendFileSync(file, `${JSON.stringify({ sequence, score })}\n`),
  onState(state) {
    if (state.kind === "gap") console.error(`those before ${state.firstSequence} are no longer kept: GET /v1/scores`);
    if (state.kind !== "refused") return;
    console.error(`refused (${state.code}): ${state.reason}`);
    process.exitCode = 1;
  },
});

process.once("SIGINT", () => following.stop());
process.once("SIGTERM", () => following.stop());
