import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import type { Figures } from "../../bench/drift/report.ts";
import { ROOT } from "../../src/app/environment.ts";
import { hasLoanBook, SHARED } from "../support/loan-book.ts";

const run = promisify(execFile);

test("a quick run of the drift benchmark finds the drift that is there, and none where none is", async ({ skip }) => {
  skip(!hasLoanBook, `${SHARED} isn't there: it holds the loan book`);
  const folder = await mkdtemp(join(tmpdir(), "plumbline-bench-drift-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, "figures.json");
  const env = { ...process.env, TMPDIR: folder };
  await run(process.execPath, [join(ROOT, "bench/drift/main.ts"), "--quick", "--json", file], { env });
  const { falseAlarms, detections, realDrift, cost } = JSON.parse(await readFile(file, "utf8")) as Figures;
  expect(falseAlarms.map(({ shares }) => shares.ours)).toEqual([0, 0, 0, 0, 0]);
  for (const { psi, ours } of detections) expect(ours).toBe(psi === 0.15 ? 1 : 0);
  expect(realDrift.expectations.filter(({ met }) => !met)).toEqual([]);
  expect(cost.memory.residentMb.length).toBeGreaterThan(0);
});
