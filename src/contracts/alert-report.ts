import type { AlertLabels } from "./alert.ts";
import type { FieldFault } from "./field-fault.ts";

/** What Alertmanager says of an alert, in a notification or when it is asked; times in milliseconds since 1970. */
export type ReportedAlert = {
  readonly fingerprint: string;
  readonly labels: AlertLabels;
  readonly annotations: AlertLabels;
  readonly startsAt: number;
  /** Undefined while it fires. */
  readonly endsAt: number | undefined;
};

/** The same as it is written, by its schema. */
export type WrittenReport = {
  readonly fingerprint: string;
  readonly labels: AlertLabels;
  readonly annotations: AlertLabels;
  readonly startsAt: string;
  readonly endsAt?: string;
};

const MOST_NAMES = 64;
/** Of labels and annotations together. An event is one message on the broker, which takes a megabyte. */
const MOST_BYTES = 64 * 1024;

const LABELS = { type: "object", maxProperties: MOST_NAMES, additionalProperties: { type: "string" } } as const;

/** Members of a JSON Schema for an alert in Alertmanager's words. */
export const REPORT_PROPERTIES = {
  fingerprint: { type: "string", pattern: "^[0-9a-f]{1,64}$" },
  labels: LABELS,
  annotations: LABELS,
  startsAt: { type: "string", format: "date-time" },
  endsAt: { type: "string", format: "date-time" },
} as const;
export const REPORT_REQUIRED = ["fingerprint", "labels", "annotations", "startsAt"] as const;

/** Reads an alert that fits the schema; faults name the alert's own fields. Pure. */
export function readReport(written: WrittenReport, isFiring: boolean): ReportedAlert | { faults: FieldFault[] } {
  const { fingerprint, labels, annotations } = written;
  const faults: FieldFault[] = [];
  for (const [field, names] of Object.entries({ labels, annotations })) {
    if (Object.entries(names).flat().some(isBadText))
      faults.push({ field, detail: "has NUL or half a surrogate pair, which no database stores" });
  }
  if (Buffer.byteLength(JSON.stringify([labels, annotations])) > MOST_BYTES)
    faults.push({ field: "annotations", detail: `must be, with the labels, at most ${MOST_BYTES / 1024} KiB` });
  const startsAt = instant("startsAt", written.startsAt, faults);
  const endsAt = isFiring ? undefined : instant("endsAt", written.endsAt ?? "", faults);
  if (faults.length > 0) return { faults };
  return { fingerprint, labels, annotations, startsAt, endsAt: endsAt && Math.max(endsAt, startsAt) };
}

const LAST = Date.parse("9999-12-31T23:59:59.999Z");

/** Whole milliseconds: notifications have more digits than the API, and both must name the same episode. */
function instant(field: string, text: string, faults: FieldFault[]): number {
  const time = Date.parse(text);
  if (!(time >= 0 && time <= LAST)) faults.push({ field, detail: "must be an RFC 3339 instant from 1970 on" });
  return time;
}

function isBadText(text: string): boolean {
  return text.includes("\0") || !text.isWellFormed();
}
