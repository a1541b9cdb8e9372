import type { Command } from "commander";
import { examine } from "../app/doctor/doctor.ts";
import { readEnvironment } from "../app/environment.ts";
import type { CommandContext } from "./program.ts";

const SIGN = { ok: "ok     ", warning: "warning", failure: "FAILURE" } as const;

export function addDoctorCommand(program: Command, { outcome }: CommandContext): void {
  program
    .command("doctor")
    .description("look at everything Plumbline needs, and say what is wrong and what to do")
    .option("--json", "print JSON", false)
    .action(async ({ json }: { json: boolean }) => {
      const findings = await examine(readEnvironment());
      if (findings.some(({ status }) => status === "failure")) outcome.exitCode = 1;
      if (json) {
        process.stdout.write(`${JSON.stringify(findings, undefined, 2)}\n`);
        return;
      }
      for (const { area, status, message, advice } of findings) {
        process.stdout.write(`${SIGN[status]}  ${area.padEnd(20)}  ${message}\n`);
        if (advice) process.stdout.write(`${" ".repeat(31)}→ ${advice}\n`);
      }
    });
}
