import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ROOT } from "../../src/app/environment.ts";

const run = promisify(execFile);
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "plumbline-bench-test-"));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

/** Runs the benchmark with its temporary folder inside ours, so that what it leaves behind can be seen. */
function bench(...args: string[]) {
  return run(process.execPath, [join(ROOT, "bench/main.ts"), ...args], { env: { ...process.env, TMPDIR: folder } });
}

test("a quick run measures everything, writes it down and leaves nothing behind", { timeout: 120_000 }, async () => {
  const file = join(folder, "figures.json");
  const { stdout } = await bench("--quick", "--json", file);
  expect(stdout).toContain("The whole pipeline");

  const report = JSON.parse(await readFile(file, "utf8"));
  const rate = expect.toSatisfy((value) => Number.isFinite(value) && value > 0);
  expect(report).toMatchObject({
    machine: { cores: rate, node: process.versions.node },
    date: expect.stringMatching(/^\d{4}-\d{2}-\d{2}T/),
    endToEnd: { applicationsPerSecond: rate, scorers: rate },
    memory: { scorerRssMb: rate },
    wide: { features: 189, endToEnd: { applicationsPerSecond: rate } },
  });
  expect(Object.keys(report.parts)).toEqual(
    expect.arrayContaining(["consumeParseAckPerSecond", "onnxBatch256PerSecond"]),
  );
  for (const [part, perSecond] of Object.entries({ ...report.parts, ...report.wide.parts })) {
    expect(part).toMatch(/PerSecond$/);
    expect(perSecond).toEqual(rate);
  }
  expect(report.latency).toHaveLength(1);
  for (const latency of report.latency) {
    expect(latency).toMatchObject({ rate, p50Ms: rate, p99Ms: rate, p999Ms: rate, achievedRate: rate });
    expect(latency.p50Ms).toBeLessThanOrEqual(latency.p99Ms);
    expect(latency.p99Ms).toBeLessThanOrEqual(latency.p999Ms);
  }
  expect(await readdir(folder)).toEqual(["figures.json"]);
});

test.each([["--soak", "never"], ["--fast"]])("%s %s is wrong usage and starts nothing", async (...args) => {
  await expect(bench(...args)).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining("usage:") });
  expect(await readdir(folder)).toEqual([]);
});
