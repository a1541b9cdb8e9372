import type { ApplicationEvent } from "../contracts/application.ts";
import type { Decision } from "../contracts/score.ts";
import type { Observation } from "./observe.ts";

/** What the record holds of a message, as far as it is counted: the columns of STORED_COLUMNS. */
export type StoredMessage = {
  readonly channel: string | null;
  readonly submitted_at: Date | null;
  readonly received_at: Date;
  /** Null for a dead letter. */
  readonly score: number | null;
  readonly decision: Decision | null;
  readonly event: string | null;
  /** The feature that made a dead letter by its type. */
  readonly rejected_feature: string | null;
};

/** Of plumbline.applications. */
export const STORED_COLUMNS = "channel, submitted_at, received_at, score, decision, event::text, rejected_feature";

/** Counts a stored message exactly as the scorer counted it when it wrote it. */
export function observeStored(into: Observation, row: StoredMessage): void {
  const { channel } = row;
  const receivedAt = row.received_at.getTime();
  const submittedAt = row.submitted_at?.getTime() ?? receivedAt;
  if (row.event !== null && row.score !== null && row.decision !== null && channel !== null) {
    const event = JSON.parse(row.event) as ApplicationEvent;
    const { score, decision } = row;
    into.decision({
      channel,
      submittedAt,
      receivedAt,
      features: event.features,
      protected: event.protected,
      score,
      decision,
    });
  } else if (row.rejected_feature !== null && channel !== null) {
    into.typeError({ channel, submittedAt, receivedAt, feature: row.rejected_feature });
  }
}
