import type { ComponentChildren } from "preact";
import type { Status } from "../api/shapes.ts";
import { ago, count, duration, rate } from "../format.ts";
import { alertsVerdict, driftVerdict, healthOf, LATENCY_OBJECTIVE_MS, type Verdict } from "../health.ts";
import { useClock } from "../live/clock.ts";
import { type Connection, connectionOf } from "../live/connection.ts";
import { statusReading } from "../live/status.ts";
import { Badge } from "../parts/badge.tsx";
import { ALL_ALERTS, hrefOf } from "../routing.ts";
import { useStore } from "../use-store.ts";

/** The state of everything, on every view: what is of now looks so, and what is no longer doesn't. */
export function StatusStrip() {
  const reading = useStore(statusReading);
  const connection = connectionOf(reading, useClock());
  const { status } = reading;
  const health = systemVerdict(connection, status);
  const isNow = connection.kind === "live";
  return (
    <section class="strip-place" aria-label="Status">
      <dl class={`strip ${isNow ? "" : "dim"}`}>
        <Cell name="System" keeps>
          <Badge tone={health.tone}>{health.words}</Badge>
        </Cell>
        {status === null ? <Unknown /> : <Figures status={status} isNow={isNow} />}
      </dl>
      <p class="sr-only" role="status">
        System: {health.words}. {status !== null && isNow && spoken(status)}
      </p>
    </section>
  );
}

function Figures({ status, isNow }: { readonly status: Status; readonly isNow: boolean }) {
  const { live, pending, dead_letters } = status;
  const { p50, p99 } = live.last_minute.end_to_end_ms;
  const alerts = alertsVerdict(status);
  const drift = driftVerdict(status);
  const score = status.drift?.drift_score;
  return (
    <>
      <Cell name="Alerts">
        <a href={hrefOf({ view: "alerts", filter: ALL_ALERTS, open: null })}>
          <Badge tone={isNow ? alerts.tone : "unknown"}>{alerts.words}</Badge>
        </a>
      </Cell>
      <Cell name="Drift">
        <Badge tone={isNow ? drift.tone : "unknown"}>{drift.words}</Badge>{" "}
        <small>{score === undefined ? "" : `score ${score.toFixed(2)}`}</small>
      </Cell>
      <Cell name="Decisions">
        {rate(live.per_second)} <small>per second</small>
      </Cell>
      <Cell name="Latency, 99 %">
        <span class={p99 !== null && p99 > LATENCY_OBJECTIVE_MS ? "over" : ""}>{duration(p99)}</span>{" "}
        <small>{p50 !== null && `median ${duration(p50)}`}</small>
      </Cell>
      <Cell name="Waiting">
        {count(pending?.applications ?? null)} <small>{inWork(pending)}</small>
      </Cell>
      <Cell name="Dead letters">{count(dead_letters)}</Cell>
    </>
  );
}

function spoken(status: Status): string {
  return `Alerts that fire: ${alertsVerdict(status).words}. Drift: ${driftVerdict(status).words}.`;
}

function Unknown() {
  return ["Alerts", "Drift", "Decisions", "Latency, 99 %", "Waiting", "Dead letters"].map((name) => (
    <Cell key={name} name={name}>
      –
    </Cell>
  ));
}

function Cell(props: { readonly name: string; readonly keeps?: boolean; readonly children: ComponentChildren }) {
  return (
    <div>
      <dt>{props.name}</dt>
      <dd class={props.keeps ? "keeps" : ""}>{props.children}</dd>
    </div>
  );
}

function inWork(pending: Status["pending"]): string {
  if (pending === null || pending.ack_pending === 0) return "";
  return pending.ack_pending === pending.applications ? "all in work" : `${count(pending.ack_pending)} in work`;
}

/** What is true of the system as far as this page can know. */
export function systemVerdict(connection: Connection, status: Status | null): Verdict {
  switch (connection.kind) {
    case "connecting":
      return { tone: "unknown", words: "Connecting", details: [] };
    case "disconnected":
      return { tone: "critical", words: "Disconnected", details: ["The gateway doesn't answer."] };
    case "refused":
      return { tone: "critical", words: "No figures", details: [connection.why] };
    case "late":
      return {
        tone: "unknown",
        words: "Stale",
        details: [`The last figures came ${ago(Date.now(), connection.since)}.`],
      };
    case "live":
      return healthOf(status!);
  }
}
