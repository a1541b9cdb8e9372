import type { JetStreamManager } from "@nats-io/jetstream";
import { countFiring } from "../alerts/firing.ts";
import { scorerConsumer } from "../contracts/streams.ts";
import { createLiveFigures } from "../gateway/reading/live-figures.ts";
import type { ReadingParts } from "../gateway/reading/reading.ts";
import { watchStatus } from "../gateway/reading/status.ts";
import type { ScoreTail } from "../gateway/stream/score-tail.ts";
import type { Bundle } from "../models/bundle.ts";
import { watchHeartbeats } from "../platform/heartbeats.ts";
import type { Publisher } from "../platform/publisher.ts";
import { compareApart } from "./compare-apart.ts";
import { deadLetterStore } from "./dead-letter-store.ts";
import type { RoleContext } from "./role.ts";

/** Starts what the reading routes show: live figures, health of the roles, dead letters. */
export function startReading(
  { environment, nc, database, lifecycle, readiness, log, signal }: RoleContext,
  {
    bundle,
    jsm,
    publisher,
    scores,
    uploadFolder,
  }: {
    readonly bundle: Bundle;
    readonly jsm: JetStreamManager;
    readonly publisher: Publisher;
    readonly scores: ScoreTail;
    readonly uploadFolder: string;
  },
): ReadingParts {
  const heartbeats = watchHeartbeats(nc);
  lifecycle.onStop("heartbeat watch", heartbeats.stop);
  const live = createLiveFigures();
  const unsubscribe = scores.onScore(({ decision, publishedAt, text }) => {
    live.note(decision, publishedAt, receivedAt(text));
  });
  lifecycle.onStop("live figures", unsubscribe);
  const scorers = scorerConsumer(environment.ACK_WAIT);
  const { lastSequence } = scores;
  const readinessNow = () => readiness;
  const status = watchStatus({
    jsm,
    database,
    scorers,
    heartbeats,
    live,
    countFiring: () => countFiring(database),
    lastSequence,
    readiness: readinessNow,
    log,
  });
  lifecycle.onStop("status", status.stop);
  const letters = deadLetterStore({ jsm, database, publisher, signal });
  return { database, bundle, letters, status, compare: compareApart, uploadFolder };
}

const RECEIVED_AT = '"received_at":"';

/** Out of the event's text: reading the whole of every event would take more than all the rest. Pure. */
function receivedAt(text: string): number {
  const from = text.indexOf(RECEIVED_AT) + RECEIVED_AT.length;
  return Date.parse(text.slice(from, text.indexOf('"', from)));
}
