import { expect, test } from "vitest";
import { type AlertRow, alertOf, severityOf } from "../../../src/contracts/alert.ts";
import { readReport } from "../../../src/contracts/alert-report.ts";

const WRITTEN = {
  fingerprint: "0123456789abcdef",
  labels: { alertname: "DeadLetters" },
  annotations: {},
  startsAt: "2026-11-21T10:00:00.123987654Z",
  endsAt: "0001-01-01T00:00:00Z",
};

test("notifications, with nanoseconds, and the API, with milliseconds, name the same episode", () => {
  const notified = readReport(WRITTEN, true);
  expect(notified).toEqual({
    ...WRITTEN,
    startsAt: Date.parse("2026-11-21T10:00:00.123Z"),
    endsAt: undefined,
  });
  expect(readReport({ ...WRITTEN, startsAt: "2026-11-21T11:00:00.123+01:00" }, true)).toEqual(notified);
});

test("an alert never ends before it began", () => {
  const written = { ...WRITTEN, endsAt: "2026-11-21T09:59:59Z" };
  expect(readReport(written, false)).toMatchObject({ endsAt: Date.parse("2026-11-21T10:00:00.123Z") });
});

test("what can't be stored is named by its field, without its value", () => {
  const faultsOf = (more: object, isFiring = true) => {
    const report = readReport({ ...WRITTEN, ...more }, isFiring);
    return "faults" in report ? report.faults.map(({ field }) => field) : [];
  };
  expect(faultsOf({ labels: { a: "\0" } })).toEqual(["labels"]);
  expect(faultsOf({ annotations: { "\ud800": "" } })).toEqual(["annotations"]);
  expect(faultsOf({ annotations: { description: "ä".repeat(32 * 1024) } })).toEqual(["annotations"]);
  expect(faultsOf({ startsAt: "1969-12-31T23:59:59Z" })).toEqual(["startsAt"]);
  expect(faultsOf({ startsAt: "2026-11-21T23:59:60Z", endsAt: "soon" }, false)).toEqual(["startsAt", "endsAt"]);
  expect(faultsOf({ endsAt: undefined }, false)).toEqual(["endsAt"]);
});

test("a severity that isn't one of ours is for nobody", () => {
  expect(
    ["page", "ticket", "none", "critical", "", undefined].map((severity) =>
      severityOf(severity === undefined ? {} : { severity }),
    ),
  ).toEqual(["page", "ticket", "none", "none", "none", "none"]);
});

test("an address that would run a script is no link", () => {
  const row: AlertRow = {
    id: "7",
    fingerprint: "ab",
    name: "A",
    severity: "page",
    status: "firing",
    labels: {},
    annotations: {},
    starts_at: new Date(0),
    ends_at: null,
    received_at: new Date(1),
    updated_at: new Date(2),
    source: "webhook",
  };
  const linked = (runbook_url: string) => alertOf({ ...row, annotations: { runbook_url } }).runbook_url;
  for (const good of ["https://a.example.com/A.md", "docs/runbooks/A.md", "/d/plumbline-overview"]) {
    expect(linked(good)).toBe(good);
  }
  for (const bad of ["javascript:alert(1)", " JavaScript:alert(1)", "data:text/html,x", "http://["]) {
    expect(linked(bad)).toBeNull();
  }
  expect(alertOf(row)).toMatchObject({
    id: 7,
    summary: null,
    dashboard: null,
    ends_at: null,
    starts_at: "1970-01-01T00:00:00.000Z",
  });
});
