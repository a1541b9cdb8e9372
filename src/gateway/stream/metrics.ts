import { Counter, Gauge, type Registry } from "prom-client";

const CLOSE_REASONS = [
  "client",
  "going_away",
  "too_slow",
  "bad_frame",
  "unauthenticated",
  "gone",
  "unresponsive",
  "crowded_out",
] as const;
export type CloseReason = (typeof CLOSE_REASONS)[number];

export type StreamMetrics = {
  setClients(count: number): void;
  sent(messages: number): void;
  closed(reason: CloseReason): void;
};

export function createStreamMetrics(registry: Registry): StreamMetrics {
  const clients = new Gauge({
    name: "plumbline_ws_clients",
    help: "WebSocket clients that are connected.",
    registers: [registry],
  });
  const messages = new Counter({
    name: "plumbline_ws_messages_total",
    help: "Scores sent to WebSocket clients, counted once for each of them.",
    registers: [registry],
  });
  const closed = new Counter({
    name: "plumbline_ws_closed_total",
    help: "WebSocket connections that ended, by why.",
    labelNames: ["reason"],
    registers: [registry],
  });
  for (const reason of CLOSE_REASONS) closed.inc({ reason }, 0);
  return {
    setClients: (count) => clients.set(count),
    sent: (count) => messages.inc(count),
    closed: (reason) => closed.inc({ reason }),
  };
}
