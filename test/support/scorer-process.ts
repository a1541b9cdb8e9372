import { type ChildProcess, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ROOT } from "../../src/app/environment.ts";
import { eventually } from "./eventually.ts";

export type ScorerProcess = {
  readonly pid: number;
  /** Resolves when /readyz says so; fails when the process ends before. */
  ready(): Promise<void>;
  isReady(): boolean;
  hasEnded(): boolean;
  /** Its last words when it ended by itself with a fault; undefined while it runs, was stopped or was killed. */
  fault(): string | undefined;
  /** The exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  signal(signal: NodeJS.Signals): void;
  /** SIGTERM; fails when the process then doesn't end in good order. */
  stop(): Promise<void>;
  metrics(): Promise<string>;
  /** What it logged, JSON lines. */
  log(): string;
};

export type ScorerSpawn = {
  readonly environment: Readonly<Record<string, string>>;
  /** An entry script of the tests and its arguments, instead of `bin/plumbline scorer`. */
  readonly script?: readonly string[];
  /** Another role than `scorer`, and its arguments. */
  readonly role?: string;
  readonly args?: readonly string[];
};

const START_WITHIN_MS = 30_000;
const STOP_WITHIN_MS = 15_000;
const LOG_KEPT = 200_000;

/** Starts a scorer as a process of its own, with nothing of this process's environment but the path and where coverage goes. */
export function spawnScorer({ environment, script, role = "scorer", args: more = [] }: ScorerSpawn): ScorerProcess {
  const [program, args] = script ? [process.execPath, [...script]] : [join(ROOT, "bin/plumbline"), [role, ...more]];
  const child = spawn(program, args, {
    cwd: ROOT,
    env: { PATH: process.env.PATH, NODE_V8_COVERAGE: process.env.NODE_V8_COVERAGE, LOG_LEVEL: "warn", ...environment },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const pid = child.pid!;
  const killWithUs = () => child.kill("SIGKILL");
  process.once("exit", killWithUs);

  let ended: number | NodeJS.Signals | undefined;
  const ending = endingOf(child).then((how) => {
    ended = how;
    process.off("exit", killWithUs);
    return how;
  });
  let log = "";
  child.stderr!.on("data", (chunk) => {
    log = (log + chunk).slice(-LOG_KEPT);
  });

  let isReady = false;
  let url = "";
  const announcement = join(environment.PLUMBLINE_HOME!, "run", `${role}-${pid}.json`);
  async function askReady(): Promise<boolean> {
    if (ended !== undefined) throw new Error(`the scorer ended (${ended}) before it was ready: ${log.slice(-2_000)}`);
    url ||= await readFile(announcement, "utf8").then(
      (text) => JSON.parse(text).url,
      () => "",
    );
    if (url === "") return false;
    isReady = await fetch(`${url}/readyz`).then(
      (response) => response.ok,
      () => false,
    );
    return isReady;
  }

  return {
    pid,
    ended: ending,
    isReady: () => isReady && ended === undefined,
    hasEnded: () => ended !== undefined,
    fault: () => (typeof ended === "number" && ended !== 0 ? `exit code ${ended}: ${log.slice(-2_000)}` : undefined),
    log: () => log,
    signal: (signal) => child.kill(signal),
    ready: async () => {
      await eventually("the scorer is ready", askReady, { withinMs: START_WITHIN_MS });
    },
    metrics: async () => (await fetch(`${url}/metrics`)).text(),
    async stop() {
      if (ended !== undefined) return;
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), STOP_WITHIN_MS);
      const how = await ending;
      clearTimeout(timer);
      if (how !== 0) throw new Error(`a stopped scorer ended with ${how}: ${log.slice(-2_000)}`);
    },
  };
}

function endingOf(child: ChildProcess): Promise<number | NodeJS.Signals> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    // `close` comes when the last of its output is read, unlike `exit`.
    child.once("close", (code, signal) => resolve(signal ?? code ?? -1));
  });
}
