import type { ErrorObject } from "ajv";
import { APPLICATION_ID } from "../contracts/application.ts";
import type { FieldFault } from "../contracts/field-fault.ts";
import type { Manifest } from "./manifest.ts";

const SCALAR = ["string", "number", "boolean", "null"];

/** The JSON Schema of an application event for a model, fit to be published. */
export function applicationSchema(manifest: Pick<Manifest, "features">) {
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

/** The field of a fault that is of no field alone. */
export const WHOLE_EVENT = "the event";

/**
 * The field that a fault of the schema is about, and what is wrong. A key that the schema doesn't name is chosen by the
 * sender and may be anything, so it isn't repeated.
 */
export function describeFault(fault: ErrorObject | undefined, named: ReadonlySet<string>): FieldFault {
  if (fault === undefined) return { field: WHOLE_EVENT, detail: "does not fit the schema" };
  const [section = "", member] = fault.instancePath.split("/").slice(1);
  const path =
    member === undefined ? section : `${section}.${named.has(member) ? member : "(a field the model doesn't use)"}`;
  const field = path === "" ? WHOLE_EVENT : path;
  if (fault.keyword === "required") {
    const missing = (fault.params as { missingProperty: string }).missingProperty;
    return { field: path === "" ? missing : `${path}.${missing}`, detail: "is required but missing" };
  }
  if (fault.keyword === "type") {
    const wanted = (fault.params as { type: string | string[] }).type;
    const required = named.has(member ?? "") && typeof wanted === "string";
    return { field, detail: `must be ${[wanted].flat().join(" or ")}${required ? "; it is required" : ""}` };
  }
  if (fault.keyword === "pattern") return { field, detail: 'must be 1 to 64 letters, digits, "_" or "-"' };
  return { field, detail: fault.message ?? "does not fit the schema" };
}
