import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { watchTargets } from "../../../src/app/scrape-targets.ts";
import { createLogger } from "../../../src/platform/log.ts";

test("a process that was killed stays a target, which is down, until another has its port: that isn't it", async () => {
  const home = await mkdtemp(join(tmpdir(), "plumbline-targets-"));
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  await mkdir(join(home, "run"));
  const killed = spawnSync("true").pid;
  const announced = [
    { role: "alerts", pid: killed, url: "http://127.0.0.1:40122" },
    { role: "drift", pid: killed, url: "http://127.0.0.1:40123" },
    { role: "scorer", pid: process.pid, url: "http://127.0.0.1:40123" },
  ];
  for (const one of announced) await writeFile(join(home, `run/${one.role}-${one.pid}.json`), JSON.stringify(one));
  const folder = join(home, "targets");
  const stop = await watchTargets(home, folder, createLogger("silent", "test"));
  stop();
  const targets: unknown = JSON.parse(await readFile(join(folder, "plumbline.json"), "utf8"));
  expect(targets).toEqual([
    { targets: ["127.0.0.1:40122"], labels: { role: "alerts", host: hostname() } },
    { targets: ["127.0.0.1:40123"], labels: { role: "scorer", host: hostname() } },
  ]);
});
