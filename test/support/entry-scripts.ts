import { fileURLToPath } from "node:url";
import type { Boundary } from "../../src/scorer/pipeline.ts";

/** Command lines of scorers that misbehave, for `startScorer`. */

export function thatDiesAt(boundary: Boundary, passing: number): readonly string[] {
  return [script("scorer-that-dies.ts"), boundary, String(passing)];
}

/** One that dies whenever it scores an application with this loan amount. */
export function thatDiesScoring(loanAmount: number): readonly string[] {
  return [script("scorer-that-chokes.ts"), String(loanAmount)];
}

/** One whose model run fails over applications with this loan amount. */
export function thatFailsScoring(loanAmount: number): readonly string[] {
  return [script("scorer-that-chokes.ts"), String(loanAmount), "fail"];
}

/** An alerts role that dies when it is about to run a statement that begins so. */
export function thatDiesBefore(statement: string): readonly string[] {
  return [script("alerts-that-die.ts"), statement];
}

function script(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}
