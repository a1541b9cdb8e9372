import type { RoleHealth, Status } from "../../api/shapes.ts";
import { ago, count, duration, rate } from "../../format.ts";
import type { Tone } from "../../health.ts";
import type { Connection } from "../../live/connection.ts";
import { Badge } from "../../parts/badge.tsx";
import { ToneShape } from "../../parts/shapes.tsx";
import { systemVerdict } from "../../shell/status-strip.tsx";

/** Is the system healthy? */
export function HealthCard({ connection, status }: { readonly connection: Connection; readonly status: Status }) {
  const verdict = systemVerdict(connection, status);
  const isNow = connection.kind === "live";
  const now = Date.parse(status.at);
  return (
    <section class={`verdict ${verdict.tone}`} aria-labelledby="health-head">
      <p class="question">Is the system healthy?</p>
      <h2 id="health-head">
        <Badge tone={verdict.tone}>{verdict.words}</Badge>
      </h2>
      {verdict.details.length === 0 ? (
        <p>{sentence(status)}</p>
      ) : (
        <ul>
          {verdict.details.map((detail) => (
            <li key={detail}>{detail}</li>
          ))}
        </ul>
      )}
      <ul class="roles" aria-label="Parts of the system">
        <Part name="Broker" tone={isNow ? (status.health.nats ? "good" : "critical") : "unknown"} />
        <Part name="Database" tone={isNow ? (status.health.postgres ? "good" : "critical") : "unknown"} />
        {status.health.roles.map((role) => (
          <Part key={role.role} name={nameOf(role)} tone={isNow ? toneOf(role) : "unknown"} note={noteOf(role, now)} />
        ))}
      </ul>
    </section>
  );
}

function sentence({ live, pending }: Status): string {
  const { scored } = live.last_minute;
  if (scored === 0) return "Everything is ready; no application has come in the last minute.";
  const waiting = pending?.applications ?? 0;
  return waiting < 100
    ? `Every application is decided as it comes: ${rate(live.per_second)} a second, 99 of 100 within ${duration(live.last_minute.end_to_end_ms.p99)}.`
    : `Applications are decided at full speed; ${count(waiting)} wait for their turn.`;
}

function nameOf({ role, instances }: RoleHealth): string {
  const name = role.charAt(0).toUpperCase() + role.slice(1);
  return instances > 1 ? `${name} × ${instances}` : name;
}

function toneOf({ ready, stale, role }: RoleHealth): Tone {
  if (stale) return role === "scorer" ? "critical" : "warning";
  return ready ? "good" : "warning";
}

function noteOf({ ready, stale, last_seen_at }: RoleHealth, now: number): string {
  if (stale) return `silent, last heard of ${ago(now, Date.parse(last_seen_at))}`;
  return ready ? "" : "not ready";
}

const TONE_WORDS: Readonly<Record<Tone, string>> = { good: "works", warning: "", critical: "", unknown: "not known" };

function Part({ name, tone, note = "" }: { readonly name: string; readonly tone: Tone; readonly note?: string }) {
  const words = note || TONE_WORDS[tone] || "away";
  return (
    <li class={tone}>
      <ToneShape tone={tone} />
      {name}
      {tone === "good" ? <span class="sr-only">: {words}</span> : <span class="soft"> {words}</span>}
    </li>
  );
}
