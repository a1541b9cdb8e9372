import { resolve } from "node:path";
import { type StreamDeclaration, streamDeclarations } from "../contracts/streams.ts";
import { type InputStream, inputSubject } from "../contracts/subjects.ts";
import { applicationEvents, type EventKind, OUTCOME_EVENTS } from "../ingest/event-kind.ts";
import { type PublishOptions, publishFiles } from "../ingest/publish.ts";
import { readBundle } from "../models/bundle.ts";
import { createPublisher } from "../platform/publisher.ts";
import { ensureStream } from "../platform/topology.ts";
import { brokerFor, type Command } from "./command-servers.ts";
import { type Environment, ROOT, streamLimits } from "./environment.ts";

/** Room for the headers, which count towards the broker's limits. */
const HEADER_BYTES = 256;

/** What is published: outcomes, or applications as the bundle's model wants them. */
export async function eventKind(environment: Environment, isOutcomes: boolean): Promise<EventKind> {
  if (isOutcomes) return OUTCOME_EVENTS;
  const { manifest } = await readBundle(resolve(ROOT, environment.SCORER_BUNDLE));
  return applicationEvents(manifest);
}

export type Publishing = Omit<PublishOptions, "destination" | "mostBytes" | "signal">;

/** Checks every line of the files, without any server. */
export async function checkFiles(environment: Environment, publishing: Publishing, signal: AbortSignal): Promise<void> {
  const mostBytes = inputStream(environment, publishing.kind.input).max_msg_size - HEADER_BYTES;
  await publishFiles({ ...publishing, destination: undefined, mostBytes, signal });
}

/** Publishes every line of the files to a channel, into a stream that is made or verified first. */
export async function publishToChannel(command: Command, channel: string, publishing: Publishing): Promise<void> {
  const { environment, signal } = command;
  const { kind } = publishing;
  const { nc, jsm } = await brokerFor(command);
  try {
    const stream = inputStream(environment, kind.input);
    await ensureStream(jsm, stream);
    const publisher = createPublisher(nc);
    const destination = { publisher, subject: inputSubject(kind.input, channel) };
    const mostBytes = Math.min(stream.max_msg_size, nc.info?.max_payload ?? Number.POSITIVE_INFINITY) - HEADER_BYTES;
    await publishFiles({ ...publishing, destination, mostBytes, signal });
    publisher.close();
  } finally {
    await nc.close();
  }
}

/** The declaration of the stream that an input goes to. */
export function inputStream(environment: Environment, input: InputStream): StreamDeclaration {
  const { APPLICATIONS, OUTCOMES } = streamDeclarations(streamLimits(environment));
  return input === "applications" ? APPLICATIONS : OUTCOMES;
}
