import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ROOT } from "../src/app/environment.ts";
import { pause } from "../src/platform/retry.ts";
import type { Slate } from "./blank-slate.ts";

/** Scorer processes that are ready. */
export type Scorers = {
  readonly pids: readonly number[];
  /** Stops them where they are, with SIGSTOP … */
  freeze(): void;
  /** … and lets them go on. */
  thaw(): void;
};

export type ScorerPlan = {
  readonly count: number;
  readonly bundle: string;
  /** Settings besides the addresses. */
  readonly environment?: Readonly<Record<string, string>>;
};

const READY_WITHIN_MS = 30_000;
const STOP_WITHIN_MS = 15_000;

/** Runs a measurement beside `count` processes of `bin/plumbline scorer`. */
export async function withScorers<T>(
  slate: Slate,
  { count, bundle, environment = {} }: ScorerPlan,
  signal: AbortSignal,
  measure: (scorers: Scorers) => Promise<T>,
): Promise<T> {
  const env = {
    ...process.env,
    LOG_LEVEL: "warn",
    ...environment,
    NATS_URL: slate.servers.natsUrl,
    DATABASE_URL: slate.databaseUrl,
    PLUMBLINE_HOME: slate.servers.home,
    SCORER_BUNDLE: bundle,
  };
  const children: ChildProcess[] = [];
  try {
    for (let started = 0; started < count; started++) {
      children.push(spawn(join(ROOT, "bin/plumbline"), ["scorer"], { env, stdio: ["ignore", "ignore", "inherit"] }));
    }
    await Promise.all(children.map((child) => untilReady(child, "scorer", slate.servers.home, signal)));
    const send = (name: NodeJS.Signals) => {
      for (const child of children) child.kill(name);
    };
    return await measure({
      pids: children.map(({ pid }) => pid!),
      freeze: () => send("SIGSTOP"),
      thaw: () => send("SIGCONT"),
    });
  } finally {
    await Promise.all(children.map(stopProcess));
  }
}

/** Waits for the process of a role. @throws Error when it ends before, or takes too long. */
export async function untilReady(child: ChildProcess, role: string, home: string, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS;
  const announcement = join(home, "run", `${role}-${child.pid}.json`);
  while (!(await isReady(announcement))) {
    if (child.exitCode !== null) throw new Error(`a ${role} ended with code ${child.exitCode} before it was ready`);
    if (Date.now() > deadline) throw new Error(`a ${role} was not ready within ${READY_WITHIN_MS / 1000} s`);
    await pause(50, signal);
  }
}

async function isReady(announcement: string): Promise<boolean> {
  try {
    const { url } = JSON.parse(await readFile(announcement, "utf8")) as { url: string };
    return (await fetch(`${url}/readyz`)).ok;
  } catch {
    return false;
  }
}

export async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  child.kill("SIGCONT");
  const late = setTimeout(() => child.kill("SIGKILL"), STOP_WITHIN_MS);
  await ended;
  clearTimeout(late);
}
