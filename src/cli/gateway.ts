import type { Command } from "commander";
import { readEnvironment } from "../app/environment.ts";
import { runGateway } from "../app/gateway.ts";
import type { CommandContext } from "./program.ts";

export function addGatewayCommand(program: Command, { signal }: CommandContext): void {
  program
    .command("gateway")
    .description("serve HTTP, the stream of scores and the console until stopped")
    .action(() => runGateway(readEnvironment(), signal));
}
