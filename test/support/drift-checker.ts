import { isDeepStrictEqual } from "node:util";
import type { DriftEvent, DriftReport } from "../../src/contracts/drift-report.ts";
import { readStream } from "./delivered.ts";
import {
  type DriftRules,
  MONTHLY_RULES,
  onAllChannels,
  reportsAgain,
  storedReports,
  withoutRevisions,
} from "./drift-bed.ts";
import type { TestBed } from "./test-bed.ts";
import { createViolations, type Violations } from "./violations.ts";

export type Expected = {
  /** How many applications the windows must hold together. */
  readonly applications: number;
  readonly rules?: DriftRules;
  /** The reports of a run in which nothing went wrong. */
  readonly undisturbed?: readonly DriftReport[];
};

/**
 * Compares, when all is quiet and the last windows are closed, the reports with what the record gives, and the events with
 * the reports: each application is counted once, and whoever follows the events knows the reports. Returns the breaches.
 */
export async function checkDrift(bed: TestBed, expected: Expected): Promise<string[]> {
  const violations = createViolations();
  const reports = await storedReports(bed);
  const counted = onAllChannels(reports).reduce((sum, { applications }) => sum + applications, 0);
  if (counted !== expected.applications)
    violations.add("applications in windows", `${counted} of ${expected.applications}`);
  compareReports("the record", reports, await reportsAgain(bed, expected.rules ?? MONTHLY_RULES), violations);
  if (expected.undisturbed !== undefined)
    compareReports("an undisturbed run", reports, expected.undisturbed, violations);
  await checkNothingWaits(bed, violations);
  checkEvents(await driftEvents(bed), reports, violations);
  return violations.lines();
}

/** Compares reports, but for their revisions, with what they should be. */
export function compareReports(
  what: string,
  reports: readonly DriftReport[],
  expected: readonly DriftReport[],
  violations: Violations,
): void {
  const [actual, wanted] = [reports, expected].map((all) => new Map(all.map((one) => [keyOf(one), one]))) as [
    Map<string, DriftReport>,
    Map<string, DriftReport>,
  ];
  for (const [key, report] of actual) {
    const same = wanted.get(key);
    if (same === undefined) violations.add(`report that ${what} doesn't give`, key);
    else if (!isDeepStrictEqual(withoutRevisions([report]), withoutRevisions([same])))
      violations.add(`report that differs from the one of ${what}`, `${key}: ${differences(report, same)}`);
  }
  for (const key of wanted.keys()) if (!actual.has(key)) violations.add(`report of ${what} that is missing`, key);
}

/** The fields in which two reports differ. */
function differences(a: DriftReport, b: DriftReport): string {
  const [one, other] = withoutRevisions([a, b]) as [Record<string, unknown>, Record<string, unknown>];
  return Object.keys(one)
    .filter((field) => !isDeepStrictEqual(one[field], other[field]))
    .map((field) => (typeof one[field] === "number" ? `${field} ${one[field]} for ${other[field]}` : field))
    .join(", ");
}

async function checkNothingWaits({ database }: TestBed, violations: Violations): Promise<void> {
  for (const table of ["observations", "observation_messages", "outgoing_events"]) {
    const { rows } = await database.query<{ n: number }>(`select count(*)::int as n from plumbline.${table}`);
    if (rows[0]!.n > 0) violations.add(`rows left in ${table}`, String(rows[0]!.n));
  }
}

export type PublishedEvent = { readonly id: string; readonly event: DriftEvent };

/** Every event in EVENTS, in order. */
export async function driftEvents({ js, jsm }: TestBed): Promise<PublishedEvent[]> {
  const messages = await readStream(js, jsm, "EVENTS");
  return messages.map(({ payload, headers }) => ({
    id: headers?.get("Nats-Msg-Id") ?? "",
    event: JSON.parse(Buffer.from(payload).toString()) as DriftEvent,
  }));
}

/** Whoever follows the events knows the reports: of each window the last one said, each with a higher revision. */
export function checkEvents(
  events: readonly PublishedEvent[],
  reports: readonly DriftReport[],
  violations: Violations,
): void {
  const ids = new Set<string>();
  const newest = new Map<string, DriftEvent>();
  for (const { id, event } of events) {
    if (ids.has(id)) violations.add("event published twice", id);
    ids.add(id);
    const key = keyOf(event);
    const before = newest.get(key);
    if ((before?.revision ?? 0) >= event.revision) violations.add("event without a higher revision", key);
    newest.set(key, event);
  }
  for (const report of reports) {
    const key = keyOf(report);
    const event = newest.get(key);
    newest.delete(key);
    const features = report.features.map(({ counts: _, ...feature }) => feature);
    if (event === undefined) violations.add("report without an event", key);
    else if (!isDeepStrictEqual(event, { ...report, features }))
      violations.add("last event that differs from the report", key);
  }
  for (const [key, { status }] of newest) {
    if (status !== "withdrawn") violations.add("event of a report that isn't there", `${key} ${status}`);
  }
}

export function keyOf({ channel, window }: Pick<DriftEvent, "channel" | "window">): string {
  return `${channel} ${window.start} ${window.end}`;
}
