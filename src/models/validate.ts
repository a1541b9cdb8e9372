import { isUtf8 } from "node:buffer";
import { Ajv, type ErrorObject } from "ajv";
import { type ApplicationEvent, MAX_APPLICATION_BYTES } from "../contracts/application.ts";
import type { Rejection } from "../contracts/dead-letter.ts";
import type { FieldFault } from "../contracts/field-fault.ts";
import { OWN_SCHEMA } from "../platform/own-schema.ts";
import { applicationSchema, describeFault, WHOLE_EVENT } from "./application-schema.ts";
import type { Manifest } from "./manifest.ts";
import { unstorable } from "./storable.ts";
import { submissionTime } from "./submission-time.ts";

type ValidApplication = {
  readonly event: ApplicationEvent;
  /** Milliseconds since 1970. */
  readonly submittedAt: number;
};

/** A valid payload also has a text that PostgreSQL can read: the payload itself, but for rare exotic ones. */
type ValidPayload = ValidApplication & { readonly text: Uint8Array | string };

type Validation<Valid> = ({ readonly ok: true } & Valid) | ({ readonly ok: false } & Rejection);

/** Decides whether a payload is an application that the model can score. Pure: the same answer at every door. */
export type Validator = {
  readBytes(payload: Uint8Array): Validation<ValidPayload>;
  readValue(value: unknown): Validation<ValidApplication>;
  /** Every fault of what one of the above has rejected, by field, the one it was rejected for first. */
  faultsOf(rejected: Uint8Array | { readonly value: unknown }): FieldFault[];
};

export function createValidator(manifest: Pick<Manifest, "features">): Validator {
  const options = { ...OWN_SCHEMA, allowUnionTypes: true, strictNumbers: false, ownProperties: true };
  const schema = applicationSchema(manifest);
  const isApplication = new Ajv(options).compile<ApplicationEvent>(schema);
  const isFaultless = new Ajv({ ...options, allErrors: true }).compile<ApplicationEvent>(schema);
  const named = new Set(manifest.features.map(({ name }) => name));

  function check(value: unknown): Validation<ValidApplication> {
    if (!isApplication(value)) {
      const fault = isApplication.errors?.[0];
      const { field, detail } = describeFault(fault, named);
      return { ...violation(`${field} ${detail}`), ...typeErrorOf(fault, value, named) };
    }
    const submittedAt = submissionTime(value.submitted_at);
    if (submittedAt === undefined) return violation(`${NO_TIME.field} ${NO_TIME.detail}`);
    return { ok: true, event: value, submittedAt };
  }

  function readValue(value: unknown): Validation<ValidApplication> {
    const fault = unstorable(value);
    return fault === undefined ? check(value) : violation(fault);
  }

  function readBytes(payload: Uint8Array): Validation<ValidPayload> {
    if (payload.length > MAX_APPLICATION_BYTES) {
      return reject("oversized", `the event is larger than ${MAX_APPLICATION_BYTES / 1024} KiB; send less`);
    }
    if (!isUtf8(payload)) return reject("malformed_json", "the event is not UTF-8 text; encode it as UTF-8");
    const text = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString();
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      // The parser's own message quotes the payload.
      return reject("malformed_json", "the event is not valid JSON; it may be cut off");
    }
    const suspicious = isSuspicious(text);
    const fault = suspicious ? unstorable(value) : undefined;
    if (fault !== undefined) return violation(fault);
    const validation = check(value);
    return validation.ok ? { ...validation, text: suspicious ? JSON.stringify(value) : payload } : validation;
  }

  function faultsOf(rejected: Uint8Array | { readonly value: unknown }): FieldFault[] {
    const isPayload = rejected instanceof Uint8Array;
    const validation = isPayload ? readBytes(rejected) : readValue(rejected.value);
    if (validation.ok) return [];
    const first = { field: WHOLE_EVENT, detail: validation.error };
    if (validation.reason !== "schema_violation") return [first];
    const value: unknown = isPayload ? JSON.parse(Buffer.from(rejected).toString()) : rejected.value;
    if (unstorable(value) !== undefined) return [first];
    const faults = isFaultless(value) ? [] : (isFaultless.errors ?? []).map((fault) => describeFault(fault, named));
    const { submitted_at } = (value ?? {}) as { readonly submitted_at?: unknown };
    if (typeof submitted_at === "string" && submissionTime(submitted_at) === undefined) faults.push(NO_TIME);
    // Fields that aren't named by what they are called may have one fault many times over.
    return [...new Map(faults.map((fault) => [`${fault.field} ${fault.detail}`, fault])).values()];
  }

  return { readBytes, readValue, faultsOf };
}

const NO_TIME: FieldFault = {
  field: "submitted_at",
  detail: "must be an RFC 3339 time such as 2026-01-31T12:00:00.000Z",
};

/**
 * Only a text with an escape (NUL, half a surrogate pair), a number of hundreds of digits (`1e-99999` among them) or a
 * value inside a value can hold what the database refuses; everything else is spared the walk over its values and a
 * second writing. The text is looked at because of two fields with one name the value has the last only.
 */
function isSuspicious(text: string): boolean {
  if (SUSPICIOUS.test(text)) return true;
  let at = 0;
  for (let objects = 0; objects <= USUAL_OBJECTS; objects++) {
    at = text.indexOf("{", at) + 1;
    if (at === 0) return false;
  }
  return true;
}

/** A number becomes infinite from 10^309 on: with an exponent of two digits, at 210 digits before it. */
const SUSPICIOUS = /\\u|\[|\d[eE][+-]?\d{3}|(?<!\d)\d{200}/;
/** The event, its features and its protected part. */
const USUAL_OBJECTS = 3;

function reject(reason: Rejection["reason"], error: string): { readonly ok: false } & Rejection {
  return { ok: false, reason, error };
}

function violation(error: string): { readonly ok: false } & Rejection {
  return reject("schema_violation", error);
}

/** Set when a feature of the model has a wrong type: data quality counts those. */
function typeErrorOf(
  fault: ErrorObject | undefined,
  event: unknown,
  named: ReadonlySet<string>,
): Pick<Rejection, "typeError"> {
  const [section, feature = ""] = fault?.instancePath.split("/").slice(1) ?? [];
  if (fault?.keyword !== "type" || section !== "features" || !named.has(feature)) return {};
  const { submitted_at } = event as { submitted_at?: unknown };
  const submittedAt = typeof submitted_at === "string" ? submissionTime(submitted_at) : undefined;
  return { typeError: { feature, submittedAt } };
}
