import { isUtf8 } from "node:buffer";
import { Ajv, type ErrorObject } from "ajv";
import { APPLICATION_ID, type ApplicationEvent, MAX_APPLICATION_BYTES } from "../contracts/application.ts";
import type { Rejection } from "../contracts/dead-letter.ts";
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
};

const SCALAR = ["string", "number", "boolean", "null"];

/** The JSON Schema of an application event for a model, fit to be published. */
function applicationSchema(manifest: Pick<Manifest, "features">): object {
  const properties = Object.fromEntries(
    manifest.features.map(({ name, type, required }) => {
      const scalar = type === "numeric" ? "number" : "string";
      return [name, { type: required ? scalar : [scalar, "null"] }];
    }),
  );
  return {
    type: "object",
    required: ["application_id", "submitted_at", "features"],
    properties: {
      application_id: { type: "string", pattern: APPLICATION_ID.source },
      submitted_at: { type: "string" },
      features: {
        type: "object",
        required: manifest.features.filter(({ required }) => required).map(({ name }) => name),
        properties,
        additionalProperties: { type: SCALAR },
      },
      protected: { type: ["object", "null"], additionalProperties: { type: SCALAR } },
      supersedes: { type: ["string", "null"], pattern: APPLICATION_ID.source },
    },
  };
}

export function createValidator(manifest: Pick<Manifest, "features">): Validator {
  const isApplication = new Ajv({
    allowUnionTypes: true,
    strictNumbers: false,
    ownProperties: true,
  }).compile<ApplicationEvent>(applicationSchema(manifest));
  const named = new Set(manifest.features.map(({ name }) => name));

  function check(value: unknown): Validation<ValidApplication> {
    if (!isApplication(value)) {
      const fault = isApplication.errors?.[0];
      return { ...violation(describe(fault, named)), ...typeErrorOf(fault, value, named) };
    }
    const submittedAt = submissionTime(value.submitted_at);
    if (submittedAt === undefined) {
      return violation("submitted_at must be an RFC 3339 time such as 2026-01-31T12:00:00.000Z");
    }
    return { ok: true, event: value, submittedAt };
  }

  return {
    readValue(value) {
      const fault = unstorable(value);
      return fault === undefined ? check(value) : violation(fault);
    },
    readBytes(payload) {
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
    },
  };
}

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

/**
 * One sentence that names the field. A key that the schema doesn't name is chosen by the sender and may be anything, so
 * it isn't repeated.
 */
function describe(fault: ErrorObject | undefined, named: ReadonlySet<string>): string {
  if (fault === undefined) return "the event does not fit the schema";
  const [section = "", member] = fault.instancePath.split("/").slice(1);
  const field =
    member === undefined ? section : `${section}.${named.has(member) ? member : "(a field the model doesn't use)"}`;
  const where = field === "" ? "the event" : field;
  if (fault.keyword === "required") {
    const missing = (fault.params as { missingProperty: string }).missingProperty;
    return `${field === "" ? missing : `${field}.${missing}`} is required but missing`;
  }
  if (fault.keyword === "type") {
    const wanted = (fault.params as { type: string | string[] }).type;
    const required = named.has(member ?? "") && typeof wanted === "string";
    return `${where} must be ${[wanted].flat().join(" or ")}${required ? "; it is required" : ""}`;
  }
  if (fault.keyword === "pattern") return `${where} must be 1 to 64 letters, digits, "_" or "-"`;
  return `${where} ${fault.message ?? "does not fit the schema"}`;
}
