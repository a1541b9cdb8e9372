import type { AlertSeverity } from "./alert.ts";
import { CHANNEL } from "./application.ts";
import type { DeadLetterReason } from "./dead-letter.ts";
import type { Decision } from "./score.ts";

/** The inputs whose rejected events become dead letters. */
export const INPUT_STREAMS = ["applications", "outcomes"] as const;
export type InputStream = (typeof INPUT_STREAMS)[number];

export function inputSubject(input: InputStream, channel: string): string {
  return `${input}.${channel}`;
}

/** The channel in a subject such as `applications.web`, or undefined when the subject isn't a valid one. */
export function channelOf(subject: string): string | undefined {
  const channel = subject.slice(subject.indexOf(".") + 1);
  return CHANNEL.test(channel) ? channel : undefined;
}

/** One subject per application id: SCORES keeps one message per subject and so one decision per id. */
export function scoreSubject(channel: string, decision: Decision, applicationId: string): string {
  return `scores.${channel}.${decision}.${applicationId}`;
}

/** One subject per rejected message, guarded like the scores. */
export function deadLetterSubject(reason: DeadLetterReason, input: InputStream, sequence: number): string {
  return `deadletters.${reason}.${input}.${sequence}`;
}

/** A model's name may hold dots, which would split the subject. */
export function observationSubject(model: string): string {
  return `observations.${model.replaceAll(".", "_")}`;
}

export function driftSubject(model: string): string {
  return `events.drift.${model.replaceAll(".", "_")}`;
}

export function alertSubject(severity: AlertSeverity | "*"): string {
  return `events.alert.${severity}`;
}
