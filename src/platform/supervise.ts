import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { messageOf, OperatorError } from "./errors.ts";
import type { Logger } from "./log.ts";
import { pause } from "./retry.ts";

export type SupervisedProcess = {
  /** The pid that runs now; undefined between two lives. */
  pid(): number | undefined;
  /** Rejects with the process's own last words when it ends by itself before `settled` was called. */
  failed: Promise<never>;
  /** From now on an end is an accident, and the process is started again. */
  settled(): void;
  stop(): Promise<void>;
};

export type SuperviseOptions = {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Standard output and error are appended to it. */
  readonly logFile: string;
  /** After the request to stop it may live this long. */
  readonly stopWithinMs: number;
  readonly log: Logger;
};

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 10_000;
/** A life of this length was a success; the next wait is short again. */
const GOOD_LIFE_MS = 30_000;

/**
 * Keeps a process of our own running. It gets a process group of its own, so that Ctrl-C in the terminal reaches us
 * alone and we decide the order of stopping, and a channel to us whose end tells it that we were killed.
 */
export function supervise(options: SuperviseOptions): SupervisedProcess {
  const { name, log } = options;
  const { promise: failed, reject } = Promise.withResolvers<never>();
  failed.catch(() => {});
  const stopping = new AbortController();
  let child: ChildProcess | undefined;
  let isSettled = false;

  /** One life, to its end; says how it ended. */
  async function live(): Promise<string> {
    try {
      child = launch(options);
      return await ended(child);
    } catch (error) {
      return messageOf(error);
    } finally {
      child = undefined;
    }
  }

  async function keepRunning(): Promise<void> {
    for (let waitMs = FIRST_WAIT_MS; ; ) {
      const bornAt = Date.now();
      const how = await live();
      if (stopping.signal.aborted) return;
      if (!isSettled) {
        reject(new OperatorError(`${name} ended (${how}): ${await lastWords(options.logFile)}`));
        return;
      }
      if (Date.now() - bornAt > GOOD_LIFE_MS) waitMs = FIRST_WAIT_MS;
      log.warn({ process: name, how, waitMs }, "a process ended by itself, starting it again");
      await pause(waitMs, stopping.signal).catch(() => {});
      if (stopping.signal.aborted) return;
      waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
    }
  }
  const lives = keepRunning();

  return {
    pid: () => child?.pid,
    failed,
    settled() {
      isSettled = true;
    },
    async stop() {
      stopping.abort();
      child?.kill("SIGTERM");
      const timer = setTimeout(() => {
        log.warn({ process: name }, "does not stop, killing it");
        child?.kill("SIGKILL");
      }, options.stopWithinMs);
      await lives;
      clearTimeout(timer);
    },
  };
}

function launch({ command, args, env, logFile }: SuperviseOptions): ChildProcess {
  const log = openSync(logFile, "a");
  try {
    return spawn(command, args, { env, detached: true, stdio: ["ignore", log, log, "ipc"] });
  } finally {
    closeSync(log);
  }
}

function ended(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
}

async function lastWords(logFile: string): Promise<string> {
  const lines = (await readFile(logFile, "utf8").catch(() => "")).trimEnd().split("\n");
  return lines.at(-1) || `see ${logFile}`;
}
