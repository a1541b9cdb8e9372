import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import type { Figures } from "../../bench/gateway/report.ts";
import { ROOT } from "../../src/app/environment.ts";

const run = promisify(execFile);

test("a quick run of the gateway's benchmark has an answer to every request and leaves nothing behind", async () => {
  const folder = await mkdtemp(join(tmpdir(), "plumbline-bench-gateway-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, "figures.json");
  const env = { ...process.env, TMPDIR: folder };
  await run(process.execPath, [join(ROOT, "bench/gateway/main.ts"), "--quick", "--json", file], { env });
  const { withWait, single, batches } = JSON.parse(await readFile(file, "utf8")) as Figures;
  for (const { errorShare, p50Ms, p99Ms } of [withWait, ...single, batches]) {
    expect(errorShare).toBe(0);
    expect(p50Ms).toBeGreaterThan(0);
    expect(p50Ms).toBeLessThanOrEqual(p99Ms);
  }
  expect(withWait.statuses).toEqual({ 200: 200 });
  expect(await readdir(folder)).toEqual(["figures.json"]);
}, 90_000);
