import { fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { headers } from "@nats-io/transport-node";
import { createPublisher } from "../../src/platform/publisher.ts";
import { quantile, sortedNumbers } from "../../src/statistics/quantiles.ts";
import type { Slate } from "../blank-slate.ts";
import type { GatewayProcess } from "../gateway/gateway-process.ts";
import { cpuSeconds, residentMb, watchOthers } from "../process-usage.ts";
import type { ClientsPlan, ClientsResult } from "./clients.ts";

export type StreamPlan = Pick<ClientsPlan, "clients" | "stalled" | "disconnecting" | "disconnects" | "seconds"> & {
  /** Scores per second. */
  readonly rate: number;
};

export type Streamed = StreamPlan & {
  /** Scores per second that the broker took. */
  readonly achievedRate: number;
  /** Frames that clients got, per second. */
  readonly framesPerSecond: number;
  readonly gaps: number;
  readonly repetitions: number;
  /** Clients, but for the stalled ones, that got the last score. */
  readonly complete: number;
  readonly reconnects: number;
  /** From the score's publication to its frame, at clients. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly tooSlow: number;
  /** The most that the gateway's process held. */
  readonly gatewayRssMb: number;
  /** Cores that the gateway took on average. */
  readonly gatewayCores: number;
  readonly otherCores: number;
};

const TICK_MS = 20;
/** What a score event with reasons is long. */
const EVENT_BYTES = 600;
let made = 0;

/** Publishes scores at a steady rate while many clients follow them. */
export async function measureStream(
  { nc }: Slate,
  gateway: GatewayProcess,
  plan: StreamPlan,
  signal: AbortSignal,
): Promise<Streamed> {
  const publisher = createPublisher(nc);
  const { hostname: host, port } = new URL(gateway.url);
  const from = made + 1;
  const clientsPlan: ClientsPlan = { ...plan, host, port: Number(port), token: gateway.token, from };
  const program = fileURLToPath(new URL("clients.ts", import.meta.url));
  const child = fork(program, [JSON.stringify(clientsPlan)], { serialization: "advanced" });
  const kill = () => child.kill("SIGKILL");
  signal.addEventListener("abort", kill);
  let rss = 0;
  const watch = setInterval(() => {
    rss = Math.max(rss, residentMb(gateway.pid));
  }, 250);
  try {
    await once(child, "message", { signal });
    const closedBefore = await tooSlow(gateway);
    const otherCores = watchOthers();
    const cpuBefore = cpuSeconds(gateway.pid);
    const began = performance.now();
    const sent = await publishSteadily(publisher, plan, signal);
    const took = (performance.now() - began) / 1000;
    const gatewayCores = (cpuSeconds(gateway.pid) - cpuBefore) / took;
    child.send(made);
    const [result] = (await once(child, "message", { signal })) as [ClientsResult];
    const ages = sortedNumbers(result.agesMs);
    const { gaps, repetitions, complete, reconnects } = result;
    return {
      ...plan,
      achievedRate: sent / took,
      framesPerSecond: result.received / took,
      gaps,
      repetitions,
      complete,
      reconnects,
      p50Ms: quantile(ages, 0.5),
      p99Ms: quantile(ages, 0.99),
      tooSlow: (await tooSlow(gateway)) - closedBefore,
      gatewayRssMb: rss,
      gatewayCores,
      otherCores: otherCores(),
    };
  } finally {
    clearInterval(watch);
    signal.removeEventListener("abort", kill);
    publisher.close();
    kill();
  }
}

async function publishSteadily(
  publisher: ReturnType<typeof createPublisher>,
  { rate, seconds }: StreamPlan,
  signal: AbortSignal,
): Promise<number> {
  const began = performance.now();
  let sent = 0;
  while (sent < rate * seconds && !signal.aborted) {
    const due = Math.min(rate * seconds, Math.floor(((performance.now() - began) / 1000) * rate));
    if (due > sent) {
      await publisher.publish(Array.from({ length: due - sent }, publication));
      sent = due;
    }
    await sleep(Math.max(0, TICK_MS - ((performance.now() - began) % TICK_MS)));
  }
  return sent;
}

function publication() {
  const id = `S-${++made}`;
  const head = headers();
  head.set("Nats-Msg-Id", id);
  const event = { at: Date.now(), application_id: id, channel: "web", decision: "approve", padding: "" };
  event.padding = "x".repeat(EVENT_BYTES - JSON.stringify(event).length);
  return { subject: `scores.web.approve.${id}`, payload: JSON.stringify(event), headers: head };
}

async function tooSlow(gateway: GatewayProcess): Promise<number> {
  const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
  return Number(/^plumbline_ws_closed_total\{reason="too_slow"\} (\d+)$/m.exec(metrics)?.[1]);
}
