import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { ROOT } from "../../src/app/environment.ts";
import { outputPattern, runStep, stepsOf } from "../support/doc-steps.ts";
import { eventually } from "../support/eventually.ts";
import { createTestBed } from "../support/test-bed.ts";

/** The README's example, in the indented block that begins with a `$`. */
function exampleSteps() {
  const readme = readFileSync(join(ROOT, "README.md"), "utf8");
  return stepsOf(/^ {4}\$[\s\S]*?(?=^\S)/m.exec(readme)![0].replace(/^ {4}/gm, ""));
}

it("the README's example gives the README's output", async () => {
  const bed = await createTestBed();
  await bed.startScorer().ready();
  const env = { ...process.env, ...bed.environment };
  const steps = exampleSteps();
  expect(steps.length).toBeGreaterThan(4);
  for (const { command, output } of steps) {
    const typed = command.replace("bin/plumbline", join(ROOT, "bin/plumbline"));
    expect((await runStep(typed, bed.home, env)).output).toMatch(outputPattern(output));
    if (typed.includes("publish")) {
      await eventually(
        "both are settled",
        async () => (await bed.jsm.streams.info("APPLICATIONS")).state.messages === 0,
        {
          withinMs: 10_000,
        },
      );
    }
  }
  await bed.stopScorers();
});
