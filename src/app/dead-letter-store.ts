import type { JetStreamManager } from "@nats-io/jetstream";
import { unavailable } from "../gateway/problem.ts";
import type { DeadLetterStore, ListedDeadLetter } from "../gateway/reading/dead-letter-routes.ts";
import { payloadText } from "../ingest/dead-letter-text.ts";
import {
  type DeadLetter,
  deadLetterName,
  findDeadLetter,
  newestDeadLetters,
  parseDeadLetterName,
} from "../ingest/dead-letters.ts";
import { requeue } from "../ingest/requeue.ts";
import { OperatorError } from "../platform/errors.ts";
import type { Database } from "../platform/postgres.ts";
import type { Publisher } from "../platform/publisher.ts";

/** A broker that takes nothing is asked again for so long, then the client is. */
const HELD_MS = 5_000;
const RETRY_S = 5;

/** The dead letters for the gateway's routes, read and requeued as the command line does. */
export function deadLetterStore(parts: {
  readonly jsm: JetStreamManager;
  readonly database: Database;
  readonly publisher: Publisher;
  readonly signal: AbortSignal;
}): DeadLetterStore {
  const { jsm, database, publisher, signal } = parts;
  return {
    async list(reason, { limit, before }) {
      const { letters, next } = await newestDeadLetters(jsm, { reason, limit, before }, signal);
      return { letters: letters.map(listed), next };
    },
    async find(name) {
      const found = await findDeadLetter(jsm, parseDeadLetterName(name));
      return found && { ...listed(found), payload: payloadText(found.payload) };
    },
    async requeue(name, channel) {
      const patience = AbortSignal.any([signal, AbortSignal.timeout(HELD_MS)]);
      const ids = [parseDeadLetterName(name)];
      const parts = { jsm, publisher, database: async () => database, channel, signal: patience, onHeld: () => {} };
      try {
        const [outcome] = await requeue(ids, parts);
        return "error" in outcome! ? { error: outcome.error } : { sequence: outcome!.sequence };
      } catch (error) {
        if (error instanceof OperatorError) throw unavailable(error.message, RETRY_S, error);
        throw error;
      }
    },
  };
}

function listed(letter: DeadLetter): ListedDeadLetter {
  const { reason, error, subject, time, bytes } = letter;
  return { name: deadLetterName(letter), reason, error, subject, time, bytes };
}
