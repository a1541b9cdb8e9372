import { readFile } from "node:fs/promises";
import {
  type ConnectionOptions,
  connect,
  createInbox,
  credsAuthenticator,
  type NatsConnection,
} from "@nats-io/transport-node";
import { messageOf, OperatorError } from "./errors.ts";
import { fileFault } from "./file-fault.ts";
import type { Logger } from "./log.ts";
import { pause } from "./retry.ts";
import { withoutPassword } from "./without-password.ts";

export type { NatsConnection };

export type NatsOptions = {
  readonly url: string;
  /** Path of a credentials file. */
  readonly creds?: string | undefined;
  /** Shown by the broker's monitoring. */
  readonly name: string;
  readonly log: Logger;
  /** Give up after this long; a role waits for ever (default), a command that a person watches doesn't. */
  readonly giveUpAfterMs?: number;
  readonly signal?: AbortSignal;
};

/** The client's type doesn't have what it was connected with. */
const inboxPrefixes = new WeakMap<NatsConnection, string>();

const SUBJECT_TOKEN = /^[\w-]+$/;

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 5_000;

/**
 * Connects to the broker, waiting with a log line while it is away, and reconnects for ever afterwards. With these
 * pings a black hole is noticed within 10 s; with the client's defaults it takes minutes, and after ten attempts the
 * client would close for good.
 * @throws OperatorError when it gives up; the signal's reason when aborted.
 */
export async function connectNats(options: NatsOptions): Promise<NatsConnection> {
  const { url, creds, name, log, signal } = options;
  const giveUpAt = Date.now() + (options.giveUpAfterMs ?? Number.POSITIVE_INFINITY);
  const inboxPrefix = `_INBOX.${whereabouts(url).user?.match(SUBJECT_TOKEN)?.[0] ?? name}`;
  const authenticator = creds === undefined ? undefined : credsAuthenticator(await readCreds(creds));
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
    signal?.throwIfAborted();
    try {
      const nc = await connect({
        ...whereabouts(url),
        name,
        inboxPrefix,
        ...(authenticator && { authenticator }),
        maxReconnectAttempts: -1,
        reconnectTimeWait: 250,
        reconnectJitter: 250,
        pingInterval: 5_000,
        maxPingOut: 2,
        timeout: 3_000,
      });
      inboxPrefixes.set(nc, inboxPrefix);
      logStatus(nc, log);
      return nc;
    } catch (error) {
      if (Date.now() + waitMs > giveUpAt) {
        throw new OperatorError(
          `cannot reach NATS at ${withoutPassword(url)}: ${messageOf(error)}. Check NATS_URL, and that the server runs.`,
          { cause: error },
        );
      }
      log.warn({ url: withoutPassword(url), error: messageOf(error), waitMs }, "NATS is away, waiting");
    }
    await pause(waitMs, signal);
  }
}

/**
 * A subject of its own for replies, below `_INBOX.<user of the address>` (without a user: `_INBOX.<connection name>`). The
 * broker can so let each user hear its own replies and no others', which carry whole applications.
 */
export function createReplySubject(nc: NatsConnection): string {
  return createInbox(inboxPrefixes.get(nc));
}

/**
 * What the client itself would leave unread in an address: the user, and that tls:// means encryption or no connection.
 * Where several have a user, the first one's counts.
 */
function whereabouts(urls: string): Pick<ConnectionOptions, "servers" | "tls" | "user" | "pass" | "token"> {
  const servers = urls.split(",").map((text) => new URL(text));
  const { username = "", password = "" } = servers.find((server) => server.username !== "") ?? {};
  const [user, pass] = [decodeURIComponent(username), decodeURIComponent(password)];
  return {
    servers: servers.map(({ host }) => host),
    ...(servers.some(({ protocol }) => protocol === "tls:") && { tls: {} }),
    ...(user !== "" && (pass === "" ? { token: user } : { user, pass })),
  };
}

async function readCreds(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new OperatorError(
      `cannot read the credentials file ${path} that NATS_CREDS names: ${fileFault(error)}. Mend NATS_CREDS, or unset it where the server asks for none.`,
      { cause: error },
    );
  }
}

function logStatus(nc: NatsConnection, log: Logger): void {
  void (async () => {
    for await (const status of nc.status()) {
      if (status.type === "disconnect") log.warn("NATS is away, reconnecting");
      else if (status.type === "reconnect") log.info("NATS is back");
      else if (status.type === "error") log.error({ error: messageOf(status.error) }, "NATS reports an error");
    }
  })();
}
