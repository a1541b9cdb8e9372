import {
  type ConsumerConfig,
  JetStreamApiError,
  type JetStreamManager,
  type StreamConfig,
  type StreamInfo,
} from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { messageOf, OperatorError } from "./errors.ts";
import { isBrokerOutage, isMissing } from "./refusals.ts";
import { retry } from "./retry.ts";
import type { Waiting } from "./until-served.ts";

/** @throws OperatorError when the broker doesn't take messages of that size, which nothing else would tell in time. */
export function requireMessageSize(nc: NatsConnection, bytes: number): void {
  const most = nc.info?.max_payload ?? 0;
  if (most >= bytes) return;
  throw new OperatorError(
    `the broker takes messages of at most ${most} bytes; dead letters need up to ${bytes}. Set max_payload in the server's configuration to 1MB or more.`,
  );
}

type Requested<Config> = { readonly [Key in keyof Config]?: Readonly<Config[Key]> };

/**
 * Creates the stream, or verifies that the existing one has every requested setting; changes nothing that exists.
 * The broker's answer is compared in both cases, because older servers ignore settings that they don't know. With
 * `waiting` a broker that doesn't answer is asked until the signal, without it for half a minute.
 * @throws OperatorError naming each setting that differs.
 */
export async function ensureStream(
  jsm: JetStreamManager,
  requested: Requested<StreamConfig> & { readonly name: string },
  waiting?: Waiting,
): Promise<StreamInfo> {
  const what = `stream ${requested.name}`;
  const info = await patiently(
    what,
    () =>
      foundOrCreated(
        what,
        () => jsm.streams.info(requested.name),
        () => jsm.streams.add(requested as StreamConfig),
      ),
    waiting,
  );
  refuseDifferences(what, requested, info.config);
  return info;
}

/** The same for a durable pull consumer. */
export async function ensureConsumer(
  jsm: JetStreamManager,
  { stream, ...requested }: Requested<ConsumerConfig> & { readonly stream: string; readonly durable_name: string },
  waiting?: Waiting,
): Promise<void> {
  const what = `consumer ${requested.durable_name} of stream ${stream}`;
  const info = await patiently(
    what,
    () =>
      foundOrCreated(
        what,
        () => jsm.consumers.info(stream, requested.durable_name),
        () => jsm.consumers.add(stream, requested as ConsumerConfig),
      ),
    waiting,
  );
  refuseDifferences(what, requested, info.config);
}

const PATIENCE_MS = 30_000;
const BACKOFF = { firstMs: 100, longestMs: 2_000 };

/** Asks again for a while: a broker that starts, or whose cluster elects a leader, answers late or not at all. */
function patiently<T>(what: string, request: () => Promise<T>, waiting: Waiting | undefined): Promise<T> {
  const giveUpAt = waiting === undefined ? Date.now() + PATIENCE_MS : Number.POSITIVE_INFINITY;
  const goOn = (error: unknown, waitMs: number) => {
    if (!isBrokerOutage(error)) throw error;
    waiting?.log.warn({ error: messageOf(error), waitMs }, `NATS doesn't answer for ${what}, waiting`);
    if (Date.now() + waitMs < giveUpAt) return;
    throw new OperatorError(
      `the broker doesn't answer for ${what}: ${messageOf(error)}. Check that JetStream is on, and that its cluster has a leader.`,
      { cause: error },
    );
  };
  return retry(request, goOn, BACKOFF, waiting?.signal);
}

/** What the lookup finds, undefined when the stream or consumer doesn't exist. */
export async function unlessMissing<T>(lookup: Promise<T>): Promise<T | undefined> {
  try {
    return await lookup;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/**
 * Of two roles that create the same stream at the same moment, the broker may refuse the second one: its subjects overlap
 * with those of the first one's. So whoever is refused looks again before it complains.
 */
async function foundOrCreated<T>(what: string, find: () => Promise<T>, create: () => Promise<T>): Promise<T> {
  const found = await unlessMissing(find());
  if (found !== undefined) return found;
  try {
    return await create();
  } catch (error) {
    if (!(error instanceof JetStreamApiError) || isBrokerOutage(error)) throw error;
    const created = await unlessMissing(find());
    if (created !== undefined) return created;
    throw new OperatorError(
      `the broker refuses to create ${what}: ${error.message}. Give it room (…_MAX_BYTES, the server's max_file) or the permission, and start again.`,
      { cause: error },
    );
  }
}

function refuseDifferences(what: string, requested: object, returned: object): void {
  const differences = configurationDifferences(requested, returned);
  if (differences.length === 0) return;
  throw new OperatorError(
    `${what} exists with other settings: ${differences.join("; ")}. Nothing was changed. Set the environment to what exists, or change it with the nats command line while nothing runs.`,
  );
}

/** Each requested setting that the returned configuration doesn't have, as `name is X instead of Y`. Pure. */
export function configurationDifferences(requested: object, returned: object): string[] {
  const actual = returned as Readonly<Record<string, unknown>>;
  return Object.entries(requested)
    .filter(([key, value]) => JSON.stringify(actual[key] ?? absentMeans(value)) !== JSON.stringify(value))
    .map(([key, value]) => `${key} is ${JSON.stringify(actual[key])} instead of ${JSON.stringify(value)}`);
}

/** The broker leaves out settings that are zero, false or "no limit". */
function absentMeans(requested: unknown): unknown {
  if (typeof requested === "boolean") return false;
  if (typeof requested === "number") return requested === -1 ? -1 : 0;
  return undefined;
}
