import { isUtf8 } from "node:buffer";
import { Ajv } from "ajv";
import { APPLICATION_ID, MAX_APPLICATION_BYTES } from "../contracts/application.ts";
import { unstorable } from "../models/storable.ts";
import { submissionTime } from "../models/submission-time.ts";
import { OWN_SCHEMA } from "../platform/own-schema.ts";

const isOutcome = new Ajv(OWN_SCHEMA).compile<{ readonly application_id: string; readonly observed_at: string }>({
  type: "object",
  required: ["application_id", "observed_at", "defaulted"],
  properties: {
    application_id: { type: "string", pattern: APPLICATION_ID.source },
    observed_at: { type: "string" },
    defaulted: { type: "boolean" },
  },
});

/** Why a payload is not an outcome event, as a sentence without its values; undefined when it is one. Pure. */
export function outcomeFault(payload: Uint8Array): string | undefined {
  if (payload.length > MAX_APPLICATION_BYTES)
    return `the event is larger than ${MAX_APPLICATION_BYTES / 1024} KiB; send less`;
  if (!isUtf8(payload)) return "the event is not UTF-8 text; encode it as UTF-8";
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString());
  } catch {
    return "the event is not valid JSON; it may be cut off";
  }
  const fault = unstorable(value);
  if (fault !== undefined) return fault;
  if (!isOutcome(value)) return describe();
  if (submissionTime(value.observed_at) !== undefined) return undefined;
  return "observed_at must be an RFC 3339 time such as 2026-01-31T12:00:00.000Z";
}

function describe(): string {
  const { keyword, instancePath, params } = isOutcome.errors![0]!;
  const field = instancePath.slice(1) || "the event";
  if (keyword === "required")
    return `${(params as { missingProperty: string }).missingProperty} is required but missing`;
  if (keyword === "pattern") return `${field} must be 1 to 64 letters, digits, "_" or "-"`;
  if (field === "defaulted") return "defaulted must be true or false";
  return `${field} must be ${field === "the event" ? "an object" : "text"}`;
}
