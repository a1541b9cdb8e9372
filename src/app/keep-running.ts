import { messageOf } from "../platform/errors.ts";
import type { Lifecycle } from "../platform/lifecycle.ts";
import type { Logger } from "../platform/log.ts";
import { identifyProcess } from "../platform/servers/process-identity.ts";

/** A server that `up` has started, or adopted. */
export type Server = {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly adopted: boolean;
  stop(): Promise<void>;
};

/** Longer than a server takes in the worst case; all are commonly gone within a second. */
const STOP_MS = 12_000;
const CHECK_MS = 1_000;

/** Starts a server, and starts it again on the same port when it dies, until it is stopped with the life cycle. */
export async function keepRunning(
  name: string,
  start: (port: number) => Promise<Server>,
  port: number,
  lifecycle: Lifecycle,
  log: Logger,
): Promise<Server> {
  const first = await start(port);
  let server = first;
  let restart: Promise<void> | undefined;

  async function startAgain(): Promise<void> {
    log.warn({ server: name }, "a server ended by itself, starting it again");
    try {
      server = await start(first.port);
    } catch (error) {
      log.error({ server: name, error: messageOf(error) }, "could not start it again, trying once more");
    }
  }
  const timer = setInterval(() => {
    if (restart !== undefined || identifyProcess(server.pid) !== undefined) return;
    restart = startAgain().finally(() => {
      restart = undefined;
    });
  }, CHECK_MS);
  lifecycle.onStop(
    name,
    async () => {
      clearInterval(timer);
      await restart;
      await server.stop();
    },
    STOP_MS,
  );
  return first;
}
