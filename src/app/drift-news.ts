import type { NatsConnection } from "@nats-io/transport-node";
import { ALL_CHANNELS, type DriftEvent, type DriftReport } from "../contracts/drift-report.ts";
import { messageOf } from "../platform/errors.ts";
import type { Logger } from "../platform/log.ts";

/** Says in a line what each drift report on all channels found, as long as the connection stands. */
export function showDriftNews(nc: NatsConnection, say: (line: string) => void, log: Logger): void {
  nc.subscribe("events.drift.*", {
    callback(error, message) {
      if (error) return;
      try {
        const event = message.json<DriftEvent>();
        if (event.channel === ALL_CHANNELS && event.status !== "withdrawn") say(news(event));
      } catch (fault) {
        log.warn({ error: messageOf(fault) }, "a drift event can't be read");
      }
    },
  });
}

function news({ window, status, severity, applications, drift_score, findings }: DriftReport): string {
  const time = (instant: string) => instant.slice(11, 16);
  const of = `drift       ${time(window.start)}–${time(window.end)} UTC, ${applications} applications`;
  if (status === "insufficient") return `${of}: too few for a verdict`;
  if (findings.length === 0) return `${of}: nothing has moved for good`;
  const moved = [...new Set(findings.map(({ feature, kind }) => feature ?? kind.replaceAll("_", " ")))];
  const what = severity === "none" ? "below a warning" : severity;
  return `${of}: ${what}, drift score ${drift_score.toFixed(2)}; moved: ${moved.join(", ")} (plumbline drift report)`;
}
