import { describe, expect, it } from "vitest";
import type { Status } from "../../../console/src/api/shapes.ts";
import { alertsVerdict, driftVerdict, healthOf } from "../../../console/src/health.ts";
import { connectionOf } from "../../../console/src/live/connection.ts";

const AT = "2026-11-21T10:00:00.000Z";

function role(name: string, more: Partial<Status["health"]["roles"][number]> = {}) {
  return { role: name, instances: 1, ready: true, last_seen_at: AT, stale: false, ...more };
}

function second(scored: number) {
  return { at: AT, scored, p50_ms: null, p99_ms: null, approve: scored, refer: 0, decline: 0 };
}

function statusWith(more: Partial<Status> = {}): Status {
  return {
    at: AT,
    health: { nats: true, postgres: true, roles: [role("scorer"), role("drift")] },
    pending: { applications: 0, ack_pending: 0 },
    live: {
      per_second: 50,
      last_minute: {
        scored: 3_000,
        decisions: { approve: 1_300, refer: 1_300, decline: 400 },
        end_to_end_ms: { p50: 5, p99: 30 },
      },
      series: Array.from({ length: 120 }, () => second(50)),
    },
    last_sequence: 3_000,
    dead_letters: 0,
    alerts: { firing: { page: 0, ticket: 0, none: 1 } },
    models: [],
    drift: {
      model: "lendingclub",
      severity: "none",
      status: "judged",
      window: { start: AT, end: AT },
      applications: 3_000,
      drift_score: 0,
      reported_at: AT,
      provisional_severity: null,
      stale: false,
    },
    ...more,
  };
}

const health = (more: Partial<Status["health"]>) => statusWith({ health: { ...statusWith().health, ...more } });

describe("is the system healthy", () => {
  it("yes, when everything is there and nothing waits for long", () => {
    expect(healthOf(statusWith())).toEqual({ tone: "good", words: "Healthy", details: [] });
  });

  it("no, without a server, without a scorer that is heard of, or when nothing moves", () => {
    const stalled = statusWith({
      pending: { applications: 12, ack_pending: 0 },
      live: { ...statusWith().live, per_second: 0, series: Array.from({ length: 120 }, () => second(0)) },
    });
    const failing = [
      health({ nats: false }),
      health({ postgres: false }),
      health({ roles: [role("scorer", { stale: true })] }),
      stalled,
    ];
    for (const status of failing) expect(healthOf(status)).toMatchObject({ tone: "critical", words: "Failing" });
  });

  it("not quite, when a monitor is silent, a role isn't ready, a backlog grows or decisions are slow", () => {
    const slow = statusWith({
      live: {
        ...statusWith().live,
        last_minute: { ...statusWith().live.last_minute, end_to_end_ms: { p50: 5, p99: 400 } },
      },
    });
    const degraded = [
      health({ roles: [role("scorer"), role("drift", { stale: true })] }),
      health({ roles: [role("scorer"), role("drift", { ready: false })] }),
      statusWith({ pending: { applications: 10_000, ack_pending: 0 } }),
      slow,
    ];
    for (const status of degraded) {
      const { tone, details } = healthOf(status);
      expect({ tone, details: details.length }).toEqual({ tone: "warning", details: 1 });
    }
  });

  it("isn't known before a scorer was heard of", () => {
    expect(healthOf(health({ roles: [] })).tone).toBe("unknown");
  });
});

describe("has the world moved", () => {
  const drift = (more: Partial<NonNullable<Status["drift"]>>) =>
    statusWith({ drift: { ...statusWith().drift!, ...more } });

  it("is told by the latest verdict, and by the running window where that is graver", () => {
    expect(driftVerdict(statusWith())).toMatchObject({ tone: "good", words: "No drift" });
    expect(driftVerdict(drift({ severity: "critical" }))).toMatchObject({ tone: "critical", words: "Critical" });
    const running = driftVerdict(drift({ provisional_severity: "warning" }));
    expect(running.details.join()).toContain("looks like a warning so far");
  });

  it("never looks like no drift when it isn't known", () => {
    const monitorIsSilent = health({ roles: [role("scorer"), role("drift", { stale: true })] });
    const unknown = [
      statusWith({ drift: null }),
      drift({ stale: true }),
      drift({ status: "insufficient" }),
      monitorIsSilent,
    ];
    for (const status of unknown) expect(driftVerdict(status).tone).toBe("unknown");
  });
});

describe("whether what is shown is of now", () => {
  const reading = { status: statusWith(), readAt: 1_000, fault: null, failingSince: null };

  it("is live while answers come, late when they stop, disconnected when they fail", () => {
    expect(connectionOf({ ...reading, status: null, readAt: null }, 2_000)).toEqual({ kind: "connecting" });
    expect(connectionOf(reading, 2_000)).toEqual({ kind: "live" });
    expect(connectionOf(reading, 6_000)).toEqual({ kind: "late", since: 1_000 });
    const fault = { status: 0, title: "", message: "" };
    expect(connectionOf({ ...reading, fault, failingSince: 2_000 }, 2_100)).toEqual({
      kind: "disconnected",
      since: 1_000,
    });
    const refusal = { ...fault, status: 503, title: "Unavailable", message: "The database is away." };
    expect(connectionOf({ ...reading, fault: refusal, failingSince: 2_000 }, 2_100)).toMatchObject({ kind: "refused" });
  });
});

describe("does an alert fire", () => {
  const firing = (page: number, ticket: number, none: number) =>
    alertsVerdict({ alerts: { firing: { page, ticket, none } } });

  it("is said by the most urgent, and how many there are", () => {
    expect(firing(1, 2, 1)).toMatchObject({ tone: "critical", words: "1\u00a0page, 2\u00a0tickets" });
    expect(firing(0, 1, 1)).toMatchObject({ tone: "warning", words: "1\u00a0ticket" });
  });

  it("is never denied while nobody watches, or while it can't be known", () => {
    expect(firing(0, 0, 1)).toMatchObject({ tone: "good", words: "None" });
    expect(firing(0, 0, 0)).toMatchObject({ tone: "unknown", words: "Not watched" });
    expect(alertsVerdict({ alerts: null })).toMatchObject({ tone: "unknown", words: "Not known" });
  });
});
