import type { Command } from "commander";
import { readEnvironment } from "../app/environment.ts";
import { runScorer } from "../app/scorer.ts";
import type { CommandContext } from "./program.ts";

export function addScorerCommand(program: Command, { signal }: CommandContext): void {
  program
    .command("scorer")
    .description("score applications until stopped; run as many as there are cores and machines")
    .action(() => runScorer(readEnvironment(), signal));
}
