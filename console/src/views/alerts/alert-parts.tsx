import type { Alert, AlertLabels } from "../../../../src/contracts/alert.ts";
import { gatewayUrl } from "../../api/request.ts";
import { duration } from "../../format.ts";
import { alertTone, alertWords } from "../../health.ts";
import { Badge } from "../../parts/badge.tsx";

/** What an alert's own columns say, or what is the same for all. */
const SAID_ELSEWHERE = new Set(["alertname", "severity", "job"]);

/** How urgent an alert is; one that is over is ticked off. */
export function AlertBadge({ alert }: { readonly alert: Pick<Alert, "severity" | "status"> }) {
  return (
    <Badge tone={alert.status === "firing" ? alertTone(alert.severity) : "good"}>
      {alertWords(alert.severity)}
      <span class="sr-only">, {alert.status}</span>
    </Badge>
  );
}

/** How long an episode lasted, or has lasted. @param now in milliseconds */
export function lasts({ starts_at, ends_at }: Pick<Alert, "starts_at" | "ends_at">, now: number): string {
  const ms = (ends_at === null ? now : Date.parse(ends_at)) - Date.parse(starts_at);
  return duration(Math.max(1_000, Math.round(ms / 1_000) * 1_000));
}

export function labelsAbout(labels: AlertLabels): [string, string][] {
  return Object.entries(labels).filter(([name]) => !SAID_ELSEWHERE.has(name));
}

/** Which of those with the same name it is. */
export function AboutLabels({ labels }: { readonly labels: AlertLabels }) {
  const about = labelsAbout(labels);
  if (about.length === 0) return null;
  return (
    <ul class="labels">
      {about.map(([name, value]) => (
        <li key={name}>
          <span class="soft">{name}</span> {value}
        </li>
      ))}
    </ul>
  );
}

/**
 * Where an alert's address leads from here: an absolute one as it is; one of the gateway's runbooks to the gateway that served
 * this page. Others (Grafana's, the repository's) are known to no page of ours: null.
 */
export function linkFrom(address: string | null): string | null {
  if (address === null) return null;
  if (/^https?:\/\//.test(address)) return address;
  return address.startsWith("/runbooks/") ? gatewayUrl(address.slice(1)).href : null;
}
