import type { InputStream } from "../contracts/subjects.ts";
import type { Manifest } from "../models/manifest.ts";
import { createValidator } from "../models/validate.ts";
import { applicationRows, type ConvertRow, outcomeRows } from "./csv-events.ts";
import type { Mapping } from "./csv-mapping.ts";
import { applicationIdIn } from "./message-id.ts";
import { outcomeFault } from "./outcome.ts";

/** What is found out about a payload before it is published. */
type Finding = {
  /** Undefined when it has no valid one. */
  readonly applicationId: string | undefined;
  /** Why it will end as a dead letter, as a sentence; undefined for a valid event. */
  readonly fault: string | undefined;
};

/** What differs between reading one kind of events and another. */
export type LineKind = {
  check(payload: Uint8Array): Finding;
  /** @throws OperatorError when the header lacks what the events need. */
  rowConversion(header: readonly string[], mapping: Mapping | undefined, where: string): ConvertRow;
};

/** Events that can be published. */
export type EventKind = LineKind & { readonly input: InputStream };

/** Applications, checked as the scorer of this model checks them. */
export function applicationEvents(manifest: Pick<Manifest, "features">): EventKind {
  const validator = createValidator(manifest);
  return {
    input: "applications",
    check(payload) {
      const validation = validator.readBytes(payload);
      return validation.ok
        ? { applicationId: validation.event.application_id, fault: undefined }
        : { applicationId: applicationIdIn(payload), fault: validation.error };
    },
    rowConversion: (header, mapping, where) => applicationRows(header, manifest, mapping, where),
  };
}

export const OUTCOME_EVENTS: EventKind = {
  input: "outcomes",
  check: (payload) => ({ applicationId: applicationIdIn(payload), fault: outcomeFault(payload) }),
  rowConversion: outcomeRows,
};
