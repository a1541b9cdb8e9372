import { MAX_APPLICATION_BYTES } from "../../contracts/application.ts";
import type { FieldFault } from "../../contracts/field-fault.ts";
import type { Validator } from "../../models/validate.ts";
import { Problem } from "../problem.ts";
import type { Candidate } from "./submitter.ts";

export type Read =
  | { readonly ok: true; readonly candidate: Candidate }
  | { readonly ok: false; readonly errors: FieldFault[] };

/** Reads an application from the bytes as they will be published, by the scorer's rules. */
export function readPayload(validator: Validator, payload: Uint8Array): Read {
  const validation = validator.readBytes(payload);
  return validation.ok
    ? { ok: true, candidate: { event: validation.event, payload } }
    : { ok: false, errors: validator.faultsOf(payload) };
}

/** Reads an application from a JSON value, by the same rules. */
export function readValue(validator: Validator, value: unknown): Read {
  // First, while a number that is too large for a double is still seen to be one.
  const validation = validator.readValue(value);
  if (!validation.ok) return { ok: false, errors: validator.faultsOf({ value }) };
  const payload = Buffer.from(JSON.stringify(value));
  return payload.length > MAX_APPLICATION_BYTES
    ? readPayload(validator, payload)
    : { ok: true, candidate: { event: validation.event, payload } };
}

/** What the sender of a single application is told when it isn't valid. */
export function invalid(payload: Uint8Array, errors: readonly FieldFault[]): Problem {
  if (payload.length > MAX_APPLICATION_BYTES) {
    return new Problem({
      status: 413,
      title: "Too large",
      detail: `An application has at most ${MAX_APPLICATION_BYTES / 1024} KiB.`,
      errors,
    });
  }
  const [first] = errors;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : "";
  const detail = `The application isn't valid: ${first === undefined ? "" : sentenceOf(first)}${more}.`;
  return new Problem({ status: 422, title: "Invalid application", detail, errors });
}

/** A fault of the event as a whole is told as a sentence of its own. */
function sentenceOf({ field, detail }: FieldFault): string {
  return detail.startsWith("the event ") || detail.startsWith("a ") ? detail : `${field} ${detail}`;
}
