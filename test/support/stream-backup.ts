import { randomUUID } from "node:crypto";
import type { NatsConnection } from "@nats-io/transport-node";

/** A stream with its consumers, as `nats stream backup` writes it: what the server's snapshot requests give. */
export type StreamBackup = {
  readonly name: string;
  readonly config: object;
  readonly state: object;
  readonly chunks: readonly Uint8Array[];
};

type Answer = { readonly error?: { readonly description: string } };

/** Takes a snapshot of a stream while it is in use. @throws Error with what the server says. */
export async function backupStream(nc: NatsConnection, name: string): Promise<StreamBackup> {
  const deliver_subject = `backup.${randomUUID()}`;
  const delivery = nc.subscribe(deliver_subject);
  const { config, state } = await ask<{ config: object; state: object }>(nc, `$JS.API.STREAM.SNAPSHOT.${name}`, {
    deliver_subject,
  });
  const chunks: Uint8Array[] = [];
  for await (const message of delivery) {
    // The end is a message without a payload.
    if (message.data.length === 0) break;
    chunks.push(message.data);
    // Asks for the next ones.
    message.respond();
  }
  delivery.unsubscribe();
  return { name, config, state, chunks };
}

/** Makes a stream, which must not exist, of its backup. @throws Error with what the server says. */
export async function restoreStream(nc: NatsConnection, { name, config, state, chunks }: StreamBackup): Promise<void> {
  const { deliver_subject } = await ask<{ deliver_subject: string }>(nc, `$JS.API.STREAM.RESTORE.${name}`, {
    config,
    state,
  });
  for (const chunk of chunks) await nc.request(deliver_subject, chunk, { timeout: 5_000 });
  const made = (await nc.request(deliver_subject, "", { timeout: 5_000 })).json<Answer>();
  if (made.error !== undefined) throw new Error(made.error.description);
}

async function ask<T>(nc: NatsConnection, subject: string, body: object): Promise<T> {
  const answer = (await nc.request(subject, JSON.stringify(body), { timeout: 5_000 })).json<T & Answer>();
  if (answer.error !== undefined) throw new Error(answer.error.description);
  return answer;
}
