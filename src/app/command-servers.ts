import { type JetStreamManager, jetstreamManager } from "@nats-io/jetstream";
import { messageOf, OperatorError } from "../platform/errors.ts";
import { createLogger } from "../platform/log.ts";
import { connectNats, type NatsConnection } from "../platform/nats.ts";
import { connectDatabase, type Database } from "../platform/postgres.ts";
import type { Environment } from "./environment.ts";
import { databaseAddress, natsAddress } from "./servers-file.ts";

/** A command that a person watches, and that doesn't wait for its servers for ever. */
export type Command = {
  readonly name: string;
  readonly environment: Environment;
  readonly giveUpAfterMs: number;
  readonly signal: AbortSignal;
};

export type Broker = { readonly nc: NatsConnection; readonly jsm: JetStreamManager };

/**
 * The broker for a command. Of its log only errors are shown: the command says itself what it waits for.
 * @throws OperatorError when the broker is away, has no JetStream, or the signal aborts.
 */
export async function brokerFor(command: Command): Promise<Broker> {
  const { name, environment, giveUpAfterMs, signal } = command;
  const url = await natsAddress(environment);
  const creds = environment.NATS_CREDS;
  const log = createLogger("error", name);
  const nc = await unlessStopped(
    connectNats({ url, creds, name: `plumbline-${name}`, log, giveUpAfterMs, signal }),
    signal,
  );
  try {
    return { nc, jsm: await jetstreamManager(nc) };
  } catch (error) {
    await nc.close();
    throw new OperatorError(
      `NATS has no JetStream for us: ${messageOf(error)}. Start it with JetStream (-js), or check the account's permissions.`,
      { cause: error },
    );
  }
}

/** The database, likewise. */
export async function databaseFor({ name, environment, giveUpAfterMs, signal }: Command): Promise<Database> {
  const url = await databaseAddress(environment);
  const log = createLogger("error", name);
  return unlessStopped(connectDatabase({ url, connections: 1, log, giveUpAfterMs, signal }), signal);
}

async function unlessStopped<T>(connecting: Promise<T>, signal: AbortSignal): Promise<T> {
  try {
    return await connecting;
  } catch (error) {
    if (signal.aborted) throw new OperatorError("stopped while waiting for a server.", { cause: error });
    throw error;
  }
}
