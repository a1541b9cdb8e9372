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
      for (const [index, { area, status, message, advice }] of findings.entries()) {
        process.stdout.write(`${SIGN[status]}  ${area.padEnd(20)}  ${message}\n`);
        // Once, below the last finding that it is for.
        const isRepeated = findings.slice(index + 1).some((later) => later.advice === advice);
        if (advice && !isRepeated) process.stdout.write(`${" ".repeat(31)}→ ${advice}\n`);
      }
    });
}
