import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { OperatorError } from "../../../src/platform/errors.ts";
import { createLogger } from "../../../src/platform/log.ts";
import { identifyProcess } from "../../../src/platform/servers/process-identity.ts";
import { type SupervisedProcess, supervise } from "../../../src/platform/supervise.ts";
import { eventually } from "../../support/eventually.ts";

const MODULE = (name: string) => JSON.stringify(new URL(`../../../src/platform/${name}`, import.meta.url).href);
const isAlive = (pid: number) => identifyProcess(pid) !== undefined;
const READY = `console.log("ready", process.pid); setInterval(() => {}, 1000);`;
let folder: string;
let running: SupervisedProcess[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "plumbline-supervise-"));
  running = [];
});
afterEach(async () => {
  await Promise.all(running.map((one) => one.stop()));
  await rm(folder, { recursive: true });
});

function start(code: string, stopWithinMs = 5_000): SupervisedProcess {
  const supervised = supervise({
    name: "sleeper",
    command: process.execPath,
    args: ["-e", code],
    env: { GREETING: "hello" },
    logFile: join(folder, "log"),
    stopWithinMs,
    log: createLogger("silent", "test"),
  });
  running.push(supervised);
  return supervised;
}

const logged = () => readFile(join(folder, "log"), "utf8");

/** Waits until the process has said that many times that it is ready; returns its pid. */
async function ready(supervised: SupervisedProcess, times = 1): Promise<number> {
  const isReady = async () => ((await logged()).match(/^ready/gm) ?? []).length >= times && supervised.pid();
  return eventually("the process is ready", isReady, { withinMs: 5_000, everyMs: 20 });
}

describe("a supervised process", () => {
  it("runs in a group of its own, logs into its file, and stops when told", async () => {
    const supervised = start(`console.error(process.env.GREETING, process.env.HOME); ${READY}`);
    const pid = await ready(supervised);
    expect(await logged()).toContain("hello undefined\n");
    const group = execFileSync("ps", ["-o", "pgid=", "-p", String(pid)], { encoding: "utf8" });
    expect(Number(group)).toBe(pid);
    await supervised.stop();
    expect(isAlive(pid)).toBe(false);
    expect(supervised.pid()).toBe(undefined);
  });

  it("is started again when it ends by itself after it was settled", async () => {
    const supervised = start(READY);
    const first = await ready(supervised);
    supervised.settled();
    process.kill(first, "SIGKILL");
    const second = await ready(supervised, 2);
    expect(second).not.toBe(first);
  });

  it("isn't when it was told to stop, also between two lives", async () => {
    const supervised = start("process.exit(3)");
    supervised.settled();
    await eventually("it has ended", () => supervised.pid() === undefined, { withinMs: 5_000 });
    const from = Date.now();
    await supervised.stop();
    expect(Date.now() - from).toBeLessThan(400);
    expect(supervised.pid()).toBe(undefined);
  });

  it("that ends before it was settled is a failure with its last words", async () => {
    const { failed } = start(`console.log("first"); console.error("plumbline: no such port"); process.exit(3)`);
    await expect(failed).rejects.toThrow(new OperatorError("sleeper ended (exit code 3): plumbline: no such port"));
    const { failed: silent } = start("process.kill(process.pid, 'SIGKILL')");
    await expect(silent).rejects.toThrow(/^sleeper ended \(SIGKILL\): /);
  });

  it("that can't be started is a failure", async () => {
    const missing = supervise({
      ...{ name: "nothing", command: join(folder, "none"), args: [], env: {}, stopWithinMs: 1_000 },
      ...{ logFile: join(folder, "log"), log: createLogger("silent", "test") },
    });
    await expect(missing.failed).rejects.toThrow(/^nothing ended \(spawn .*ENOENT\)/);
    await missing.stop();
  });

  it("that can't log is a failure too, and not an unhandled rejection", async () => {
    const mute = supervise({
      ...{ name: "mute", command: process.execPath, args: ["-e", READY], env: {}, stopWithinMs: 1_000 },
      ...{ logFile: join(folder, "no such folder/log"), log: createLogger("silent", "test") },
    });
    await expect(mute.failed).rejects.toThrow(/^mute ended \(ENOENT: .*no such folder\/log'\): see /);
    await mute.stop();
  });

  it("that doesn't listen is killed", async () => {
    const supervised = start(`process.on("SIGTERM", () => console.log("ready no")); ${READY}`, 200);
    const pid = await ready(supervised);
    await supervised.stop();
    expect(isAlive(pid)).toBe(false);
    expect(await logged()).toContain("ready no");
  });

  it("notices when its supervisor is killed", async () => {
    const child = `process.once("disconnect", () => process.exit()); ${READY}`;
    const code = `
      import { supervise } from ${MODULE("supervise.ts")};
      import { createLogger } from ${MODULE("log.ts")};
      const { pid } = supervise({
        name: "orphan", command: process.execPath, args: ["-e", ${JSON.stringify(child)}], env: {},
        logFile: process.argv[1], stopWithinMs: 1000, log: createLogger("silent", "test") });
      console.log(pid());
      setInterval(() => {}, 1000);`;
    const supervisor = spawn(process.execPath, ["--input-type=module", "-e", code, join(folder, "log")], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = (await once(supervisor.stdout, "data")) as [Buffer];
    const orphan = Number(line.toString());
    await eventually("it is ready", async () => (await logged()).startsWith("ready"), { withinMs: 5_000 });
    supervisor.kill("SIGKILL");
    await eventually("the orphan has ended", () => !isAlive(orphan), { withinMs: 5_000 });
  });
});
