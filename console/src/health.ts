import type { AlertSeverity } from "../../src/contracts/alert.ts";
import type { Severity } from "../../src/contracts/drift-report.ts";
import type { DriftHeadline, RoleHealth, Status } from "./api/shapes.ts";
import { counted, duration, period } from "./format.ts";

/** How a thing stands; each has a shape and a word besides its colour. */
export type Tone = "good" | "warning" | "critical" | "unknown";

export type Verdict = {
  readonly tone: Tone;
  /** One or two words. */
  readonly words: string;
  /** What is behind it, each a sentence. */
  readonly details: readonly string[];
};

/** 99 % of the decisions are promised within this. */
export const LATENCY_OBJECTIVE_MS = 250;
/** A backlog that takes longer than this to work off is worth a warning. */
const DRAIN_WARNING_S = 30;
/** Nothing scored for this long while something waits: the pipeline stands still. */
const STALLED_S = 10;

/** Is the system healthy? */
export function healthOf(status: Status): Verdict {
  const { health, pending } = status;
  const critical: string[] = [];
  const warnings: string[] = [];
  if (!health.nats) critical.push("The gateway has no connection to the broker.");
  if (!health.postgres) critical.push("The gateway has no connection to the database.");
  const now = Date.parse(status.at);
  for (const role of health.roles) {
    const fault = faultOfRole(role, now);
    if (fault === null) continue;
    (role.role === "scorer" && role.stale ? critical : warnings).push(fault);
  }
  const waiting = pending?.applications ?? 0;
  if (waiting > 0 && isStalled(status)) {
    critical.push(`${counted(waiting, "application")} wait and none has been scored for ${STALLED_S} seconds.`);
  } else if (waiting > 0 && waiting > status.live.per_second * DRAIN_WARNING_S) {
    warnings.push(`${counted(waiting, "application")} wait: more than is scored in ${DRAIN_WARNING_S} seconds.`);
  }
  const { scored, end_to_end_ms } = status.live.last_minute;
  const { p99 } = end_to_end_ms;
  // Of fewer, the slowest one alone would decide.
  if (p99 !== null && p99 > LATENCY_OBJECTIVE_MS && scored >= 100) {
    warnings.push(
      `One decision in a hundred takes ${duration(p99)} or longer; promised are ${duration(LATENCY_OBJECTIVE_MS)}.`,
    );
  }
  if (critical.length > 0) return { tone: "critical", words: "Failing", details: [...critical, ...warnings] };
  if (warnings.length > 0) return { tone: "warning", words: "Degraded", details: warnings };
  if (!health.roles.some(({ role }) => role === "scorer")) {
    return {
      tone: "unknown",
      words: "No scorer yet",
      details: ["No scorer has been heard of. Start one: bin/plumbline scorer."],
    };
  }
  return { tone: "good", words: "Healthy", details: [] };
}

/** Where a role's own name doesn't say what runs it. */
const ROLE_WORDS: Readonly<Record<string, string>> = { drift: "drift monitor", alerts: "alerts role" };

function faultOfRole({ role: name, ready, stale, last_seen_at }: RoleHealth, now: number): string | null {
  const role = ROLE_WORDS[name] ?? name;
  if (stale) return `The ${role} has not been heard of for ${duration(Math.max(0, now - Date.parse(last_seen_at)))}.`;
  return ready ? null : `The ${role} runs but isn't ready.`;
}

function isStalled({ live }: Status): boolean {
  const recent = live.series.slice(-STALLED_S);
  return recent.length >= STALLED_S && recent.every(({ scored }) => scored === 0);
}

const ALERT_TONES: Readonly<Record<AlertSeverity, Tone>> = { page: "critical", ticket: "warning", none: "unknown" };
const ALERT_WORDS: Readonly<Record<AlertSeverity, string>> = { page: "Page", ticket: "Ticket", none: "Info" };

export function alertTone(severity: AlertSeverity): Tone {
  return ALERT_TONES[severity];
}

export function alertWords(severity: AlertSeverity): string {
  return ALERT_WORDS[severity];
}

/**
 * Does anything fire that is for somebody? A watchdog, for nobody, fires all the time: without it nobody would tell, and
 * silence says nothing.
 */
export function alertsVerdict({ alerts }: Pick<Status, "alerts">): Verdict {
  if (alerts === null) return { tone: "unknown", words: "Not known", details: ["The database has them, and is away."] };
  const { page, ticket, none } = alerts.firing;
  const firing = [page > 0 ? [counted(page, "page")] : [], ticket > 0 ? [counted(ticket, "ticket")] : []].flat();
  if (firing.length > 0) return { tone: page > 0 ? "critical" : "warning", words: firing.join(", "), details: [] };
  if (none > 0) return { tone: "good", words: "None", details: [] };
  return {
    tone: "unknown",
    words: "Not watched",
    details: ["No watchdog is heard from Alertmanager: it isn't there, or can't reach the gateway."],
  };
}

const SEVERITY_TONES: Readonly<Record<Severity, Tone>> = { none: "good", warning: "warning", critical: "critical" };
const WEIGHT: Readonly<Record<Severity, number>> = { none: 0, warning: 1, critical: 2 };

export function severityTone(severity: Severity): Tone {
  return SEVERITY_TONES[severity];
}

/** Has the world moved? What isn't known, or is no longer known, never looks like "no drift". */
export function driftVerdict(status: Status): Verdict {
  const { drift, health } = status;
  const monitor = health.roles.find(({ role }) => role === "drift");
  if (drift === null) return { tone: "unknown", words: "No verdict yet", details: [withoutVerdict(monitor)] };
  const details = [`Window ${period(drift.window)}, ${counted(drift.applications, "application")}.`];
  if (drift.stale || monitor?.stale === true) {
    const since = monitor?.stale ? monitor.last_seen_at : drift.reported_at;
    const silence = duration(Math.max(0, Date.parse(status.at) - Date.parse(since)));
    return {
      tone: "unknown",
      words: "Stale",
      details: [
        `The drift monitor has been silent for ${silence}; the last verdict was ${wordsOf(drift).toLowerCase()}.`,
      ],
    };
  }
  const { provisional_severity: provisional } = drift;
  if (provisional !== null && WEIGHT[provisional] > WEIGHT[drift.severity]) {
    details.push(
      `The window that is running looks ${provisional === "critical" ? "critical" : "like a warning"} so far.`,
    );
  }
  if (drift.status === "insufficient") return { tone: "unknown", words: wordsOf(drift), details };
  return { tone: severityTone(drift.severity), words: wordsOf(drift), details };
}

function wordsOf({ status, severity }: DriftHeadline): string {
  return status === "insufficient" ? "Too few to judge" : severityWords(severity);
}

function withoutVerdict(monitor: RoleHealth | undefined): string {
  if (monitor === undefined) return "No drift monitor has been heard of. Start one: bin/plumbline drift.";
  return "The first window hasn't closed yet.";
}

export function severityWords(severity: Severity): string {
  return { none: "No drift", warning: "Warning", critical: "Critical" }[severity];
}
