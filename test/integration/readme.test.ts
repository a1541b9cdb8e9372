import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { ROOT } from "../../src/app/environment.ts";
import { eventually } from "../support/eventually.ts";
import { createTestBed } from "../support/test-bed.ts";

type Step = { readonly command: string; readonly output: string };

/** The README's example: what follows a `$` is typed, the lines after it are what comes of it. */
function exampleSteps(): Step[] {
  const readme = readFileSync(join(ROOT, "README.md"), "utf8");
  const example = /^ {4}\$[\s\S]*?(?=^\S)/m.exec(readme)![0].replace(/^ {4}/gm, "").trimEnd();
  return example.split(/^\$ /m).flatMap((text) => {
    if (text === "") return [];
    const [first, ...rest] = text.split("\n");
    const end = rest.indexOf("EOF") + 1;
    return [{ command: [first, ...rest.slice(0, end)].join("\n"), output: rest.slice(end).join("\n").trimEnd() }];
  });
}

/** Times, rates and the stream's own numbers differ from run to run; an ellipsis stands for anything. */
function pattern(output: string): RegExp {
  const escaped = output
    .replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:\\.]+Z/g, "\\S+Z")
    .replaceAll(/in \d+\\\.\d s \\\(\d+\/s\\\)/g, "in [\\d.]+ s \\([\\d,]+/s\\)")
    .replaceAll(/"contribution":[\d\\.]+/g, '"contribution":[\\d.]+')
    .replaceAll("…", ".*");
  return new RegExp(`^${escaped}$`);
}

function run(command: string, cwd: string, env: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((resolve) => {
    // Both streams in one, as a terminal shows them.
    execFile("bash", ["-c", `{ ${command}\n} 2>&1`], { cwd, env }, (_, stdout) => resolve(stdout.trimEnd()));
  });
}

it("the README's example gives the README's output", async () => {
  const bed = await createTestBed();
  await bed.startScorer().ready();
  const env = { ...process.env, ...bed.environment };
  const steps = exampleSteps();
  expect(steps.length).toBeGreaterThan(4);
  for (const { command, output } of steps) {
    const typed = command.replace("bin/plumbline", join(ROOT, "bin/plumbline"));
    expect(await run(typed, bed.home, env)).toMatch(pattern(output));
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
