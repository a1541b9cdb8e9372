import { readFileSync } from "node:fs";
import { Command } from "commander";
import { ROOT } from "../app/environment.ts";

/** A command sets `exitCode` when it did its work and has bad news all the same. */
export type Outcome = { exitCode: number };

export type CommandContext = { readonly signal: AbortSignal; readonly outcome: Outcome };

type AddCommand = (program: Command, context: CommandContext) => void;

/** In the order of the help. Loading is most of what a start takes, so only the command that is meant is loaded. */
const COMMANDS: Readonly<Record<string, () => Promise<AddCommand>>> = {
  up: async () => (await import("./up.ts")).addUpCommand,
  migrate: async () => (await import("./migrate.ts")).addMigrateCommand,
  scorer: async () => (await import("./scorer.ts")).addScorerCommand,
  drift: async () => (await import("./drift.ts")).addDriftCommand,
  alerts: async () => (await import("./alerts.ts")).addAlertsCommand,
  gateway: async () => (await import("./gateway.ts")).addGatewayCommand,
  publish: async () => (await import("./publish.ts")).addPublishCommand,
  tail: async () => (await import("./tail.ts")).addTailCommand,
  deadletters: async () => (await import("./deadletters.ts")).addDeadLettersCommand,
  explain: async () => (await import("./explain.ts")).addExplainCommand,
  models: async () => (await import("./models.ts")).addModelsCommand,
  token: async () => (await import("./token.ts")).addTokenCommand,
  doctor: async () => (await import("./doctor.ts")).addDoctorCommand,
  bench: async () => (await import("./bench.ts")).addBenchCommand,
};

/**
 * The command line that understands `words`: with the command that they begin with, or with all of them where they name
 * none. Wrong usage throws a CommanderError instead of ending the process.
 */
export async function createProgram(words: readonly string[], signal: AbortSignal, outcome: Outcome): Promise<Command> {
  const program = new Command("plumbline")
    .description("Scores loan applications as they arrive, exactly once.")
    .version(ownVersion())
    .showHelpAfterError("(--help shows how it is used)")
    // Options after a subcommand are the subcommand's: `drift report --finish` isn't `drift --finish`.
    .enablePositionalOptions()
    .exitOverride();
  const context: CommandContext = { signal, outcome };
  const [name = ""] = words;
  const named = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  for (const load of named ? [named] : Object.values(COMMANDS)) (await load())(program, context);
  return program;
}

function ownVersion(): string {
  return JSON.parse(readFileSync(`${ROOT}package.json`, "utf8")).version;
}
