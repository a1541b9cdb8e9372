import { spawn } from "node:child_process";
import type { Command } from "commander";
import { ROOT } from "../app/environment.ts";
import type { CommandContext } from "./program.ts";

/** The benchmarks are programs of their own beside src; this runs them with the arguments as they are. */
export function addBenchCommand(program: Command, { signal, outcome }: CommandContext): void {
  program
    .command("bench")
    .description("measure the parts, the whole pipeline, its latency and its memory, on servers of its own")
    .argument("[options...]", "--quick, --json FILE, --soak MINUTES")
    .helpOption(false)
    .allowUnknownOption()
    .action(async (args: string[]) => {
      const child = spawn(process.execPath, [`${ROOT}bench/main.ts`, ...args], { stdio: "inherit" });
      signal.addEventListener("abort", () => child.kill("SIGTERM"), { once: true });
      outcome.exitCode = await new Promise((resolve, reject) => {
        child.once("error", reject);
        child.once("exit", (code) => resolve(code ?? 1));
      });
    });
}
