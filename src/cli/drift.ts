import type { Command } from "commander";
import { runDrift } from "../app/drift.ts";
import { readEnvironment } from "../app/environment.ts";
import { addDriftCompareCommand } from "./drift-compare.ts";
import { addDriftReportCommand } from "./drift-report.ts";
import type { CommandContext } from "./program.ts";

export function addDriftCommand(program: Command, context: CommandContext): void {
  const drift = program
    .command("drift")
    .description("watch the applications for drift until stopped; or report what was found")
    .enablePositionalOptions()
    .option("--finish", "take in what scorers have counted, close the last windows, and end (for replays)", false)
    .action(({ finish }: { finish: boolean }) => runDrift(readEnvironment(), finish, context.signal));
  addDriftReportCommand(drift, context);
  addDriftCompareCommand(drift, context);
}
