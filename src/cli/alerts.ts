import type { Command } from "commander";
import { runAlerts } from "../app/alerts.ts";
import { readEnvironment } from "../app/environment.ts";
import type { CommandContext } from "./program.ts";

export function addAlertsCommand(program: Command, { signal }: CommandContext): void {
  program
    .command("alerts")
    .description("tell alerts on, and look after what the other roles leave, until stopped")
    .action(() => runAlerts(readEnvironment(), signal));
}
