/** Dead letters: events that can't be accounted for in any other way, kept with the reason until somebody acts. */

export const DEAD_LETTER_REASONS = [
  "malformed_json",
  "schema_violation",
  "oversized",
  "invalid_subject",
  "id_conflict",
  "poison",
] as const;
export type DeadLetterReason = (typeof DEAD_LETTER_REASONS)[number];

/** Why an event is rejected. `error` is one sentence a person can act on; it never repeats the event's values. */
export type Rejection = {
  readonly reason: DeadLetterReason;
  readonly error: string;
  /** The model's feature that has a wrong type, and when the application was submitted, where that can be read. */
  readonly typeError?: { readonly feature: string; readonly submittedAt: number | undefined };
};

export const DEAD_LETTER_HEADERS = {
  reason: "Plumbline-Reason",
  error: "Plumbline-Error",
  subject: "Plumbline-Subject",
  sequence: "Plumbline-Sequence",
} as const;

/**
 * A text made fit for a message header: one line of printable ASCII, at most 300 characters. The client throws on a
 * line break in a header, and headers count towards the broker's payload limit.
 */
export function headerText(text: string): string {
  return text.replace(/[^\x20-\x7e]+/g, " ").slice(0, 300);
}
