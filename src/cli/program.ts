import { readFileSync } from "node:fs";
import { Command } from "commander";
import { ROOT } from "../app/environment.ts";
import { addAlertsCommand } from "./alerts.ts";
import { addBenchCommand } from "./bench.ts";
import { addDeadLettersCommand } from "./deadletters.ts";
import { addDoctorCommand } from "./doctor.ts";
import { addDriftCommand } from "./drift.ts";
import { addExplainCommand } from "./explain.ts";
import { addGatewayCommand } from "./gateway.ts";
import { addMigrateCommand } from "./migrate.ts";
import { addModelsCommand } from "./models.ts";
import { addPublishCommand } from "./publish.ts";
import { addScorerCommand } from "./scorer.ts";
import { addTailCommand } from "./tail.ts";
import { addTokenCommand } from "./token.ts";
import { addUpCommand } from "./up.ts";

/** A command sets `exitCode` when it did its work and has bad news all the same. */
export type Outcome = { exitCode: number };

export type CommandContext = { readonly signal: AbortSignal; readonly outcome: Outcome };

/** The command line. Wrong usage throws a CommanderError instead of ending the process. */
export function createProgram(signal: AbortSignal, outcome: Outcome): Command {
  const program = new Command("plumbline")
    .description("Scores loan applications as they arrive, exactly once.")
    .version(ownVersion())
    .showHelpAfterError("(--help shows how it is used)")
    // Options after a subcommand are the subcommand's: `drift report --finish` isn't `drift --finish`.
    .enablePositionalOptions()
    .exitOverride();
  const context: CommandContext = { signal, outcome };
  addUpCommand(program, context);
  addMigrateCommand(program, context);
  addScorerCommand(program, context);
  addDriftCommand(program, context);
  addAlertsCommand(program, context);
  addGatewayCommand(program, context);
  addPublishCommand(program, context);
  addTailCommand(program, context);
  addDeadLettersCommand(program, context);
  addExplainCommand(program, context);
  addModelsCommand(program, context);
  addTokenCommand(program, context);
  addDoctorCommand(program, context);
  addBenchCommand(program, context);
  return program;
}

function ownVersion(): string {
  return JSON.parse(readFileSync(`${ROOT}package.json`, "utf8")).version;
}
