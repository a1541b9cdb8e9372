import { JetStreamApiCodes, JetStreamApiError } from "@nats-io/jetstream";
import { NoRespondersError, RequestError, TimeoutError } from "@nats-io/transport-node";
import type { Receipt } from "./publisher.ts";

/**
 * What the broker's refusals mean. Codes and descriptions are those of nats-server's server/errors.json; the client
 * library names only a few of them.
 */
const CODE = {
  streamNotFound: JetStreamApiCodes.StreamNotFound,
  consumerNotFound: JetStreamApiCodes.ConsumerNotFound,
  messageNotFound: JetStreamApiCodes.NoMessageFound,
  accountResourcesExceeded: 10002,
  clusterIncomplete: 10004,
  clusterNotAvailable: 10008,
  clusterNotLeader: 10009,
  insufficientResources: 10023,
  memoryExceeded: 10028,
  sequenceNotFound: 10043,
  storageExceeded: 10047,
  wrongLastSequence: JetStreamApiCodes.StreamWrongLastSequence,
  /** The stream is full, or has its one message of the subject already: only the description tells them apart. */
  storeFailed: 10077,
  streamOffline: 10118,
  consumerOffline: 10119,
} as const;

const SUBJECT_HAS_ITS_MESSAGE = "maximum messages per subject exceeded";

const PASSING_PUBLICATIONS: ReadonlySet<number> = new Set([
  CODE.accountResourcesExceeded,
  CODE.insufficientResources,
  CODE.memoryExceeded,
  CODE.storageExceeded,
  CODE.storeFailed,
  CODE.clusterNotAvailable,
  CODE.clusterNotLeader,
]);

const PASSING_REQUESTS: ReadonlySet<number> = new Set([
  CODE.clusterIncomplete,
  CODE.clusterNotAvailable,
  CODE.clusterNotLeader,
  CODE.streamOffline,
  CODE.consumerOffline,
]);

const MISSING: ReadonlySet<number> = new Set([
  CODE.streamNotFound,
  CODE.consumerNotFound,
  CODE.messageNotFound,
  CODE.sequenceNotFound,
]);

/** Whether a receipt of a stream with one message per subject says that the message is in it, put there now or before. */
export function isPublished(receipt: Receipt): boolean {
  if (receipt.kind === "stored") return true;
  if (receipt.kind === "unanswered") return false;
  return receipt.code === CODE.wrongLastSequence || receipt.description.includes(SUBJECT_HAS_ITS_MESSAGE);
}

/** Whether the refusal of a publication passes without the publisher's doing: no room, no resources, no leader. */
export function isPassingRefusal(code: number): boolean {
  return PASSING_PUBLICATIONS.has(code);
}

/** Whether a request for or about a stream or consumer failed because the broker is away, starts or elects a leader. */
export function isBrokerOutage(error: unknown): boolean {
  if (error instanceof JetStreamApiError) return PASSING_REQUESTS.has(error.code);
  return error instanceof TimeoutError || error instanceof RequestError || error instanceof NoRespondersError;
}

/** Whether the stream, consumer or message that was asked for doesn't exist. */
export function isMissing(error: unknown): boolean {
  return error instanceof JetStreamApiError && MISSING.has(error.code);
}
