import { createHash } from "node:crypto";
import type { ApplicationEvent } from "./application.ts";

/**
 * Whether two events have equal content: the same instant of submission, equal `features` and equal `protected` as JSON
 * values (key order and white space don't matter, null = absent). Arguments are events that have passed validation.
 */
export function equalContent(a: ApplicationEvent, b: ApplicationEvent): boolean {
  return (
    Date.parse(a.submitted_at) === Date.parse(b.submitted_at) &&
    equalValues(a.features, b.features) &&
    equalValues(a.protected ?? {}, b.protected ?? {})
  );
}

function equalValues(a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>): boolean {
  return (
    presentKeys(a).every((key) => Object.hasOwn(b, key) && a[key] === b[key]) &&
    presentKeys(b).every((key) => Object.hasOwn(a, key) && (a[key] ?? null) !== null)
  );
}

function presentKeys(values: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(values).filter((key) => values[key] !== null);
}

/** A digest that two events share exactly when their content is equal. The argument has passed validation. */
export function contentDigest({ submitted_at, features, protected: attributes }: ApplicationEvent): string {
  const content = [Date.parse(submitted_at), presentEntries(features), presentEntries(attributes ?? {})];
  return createHash("sha256").update(JSON.stringify(content)).digest("base64url");
}

/** As pairs in order: a key may be `__proto__`. */
function presentEntries(values: Readonly<Record<string, unknown>>): [string, unknown][] {
  return presentKeys(values)
    .sort()
    .map((key) => [key, values[key]]);
}

/**
 * The recommended `Nats-Msg-Id` of an application: `<application_id>:<first 16 hex digits of the payload's SHA-256>`.
 * With the bare id the broker would swallow a corrected resubmission inside its duplicate window.
 */
export function recommendedMessageId(applicationId: string, payload: Uint8Array): string {
  return `${applicationId}:${payloadDigest(payload)}`;
}

/** The first 16 hex digits of the payload's SHA-256. */
export function payloadDigest(payload: Uint8Array): string {
  return createHash("sha256").update(payload).digest("hex").slice(0, 16);
}
