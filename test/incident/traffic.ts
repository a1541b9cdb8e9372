import { setTimeout as sleep } from "node:timers/promises";
import type { ApplicationEvent } from "../../src/contracts/application.ts";
import type { TestGateway } from "../support/gateway.ts";
import { outgoing } from "../support/load.ts";
import { createMadeUp } from "../support/made-up.ts";
import { subscribe } from "../support/stream-client.ts";
import type { TestBed } from "../support/test-bed.ts";

/** An amount over which the scorers of the run fail. */
export const POISONOUS_AMOUNT = 12_345;

export type Traffic = {
  /** What is sent from now on; may be changed at any time. */
  population: "usual" | "shifted";
  /** Shares of what is sent. */
  poison: number;
  malformed: number;
  /** Of those that say they were submitted long before. */
  late: number;
  stop(): Promise<void>;
};

const PER_SECOND = 60;
const LATE_MS = 90_000;
/** Share of the strained that have a category nobody listed, and a number out of range. */
const ODD = 0.1;
const EVERY_MS = 100;
const API_EVERY_MS = 200;
const RECONNECT_EVERY_MS = 5_000;

/** As in a crisis: on top of the demo's shift, incomes fall, balances grow, and everybody asks everywhere. */
function strained({ features, ...application }: ApplicationEvent): ApplicationEvent {
  const times = (name: string, factor: number) => ({ [name]: Number(features[name] ?? 1) * factor });
  const more = (name: string, by: number) => ({ [name]: Number(features[name] ?? 0) + by });
  return {
    ...application,
    features: {
      ...features,
      ...times("annual_income", 0.5),
      ...times("loan_amount", 1.8),
      ...times("revolving_balance", 2.5),
      ...times("credit_history_months", 0.5),
      ...more("revolving_utilization", 0.4),
      ...more("inquiries_6m", 3),
      ...more("total_accounts", 15),
      purpose: "small_business",
      ...(Math.random() < ODD && { purpose: "never_heard_of", dti: 5_000 }),
    },
  };
}

/** Applications on the broker and over HTTP, questions to the API, and a WebSocket client that comes and goes. */
export function startTraffic(bed: TestBed, gateway: TestGateway): Traffic {
  const madeUp = createMadeUp(2026);
  const stopping = new AbortController();
  const { signal } = stopping;
  const traffic: Traffic = { population: "usual", poison: 0, malformed: 0, late: 0, stop: async () => {} };

  function next(): string {
    const now = Date.now() - (Math.random() < traffic.late ? LATE_MS : 0);
    const [made] = madeUp[traffic.population](1, now, now + 1);
    const application = traffic.population === "shifted" ? strained(made!) : made!;
    const kind = Math.random();
    if (kind < traffic.malformed) return JSON.stringify(application).slice(0, -20);
    if (kind >= traffic.malformed + traffic.poison) return JSON.stringify(application);
    return JSON.stringify({ ...application, features: { ...application.features, loan_amount: POISONOUS_AMOUNT } });
  }

  /** Until the run ends; what fails meanwhile is what the run is about. */
  async function repeat(everyMs: number, once: () => Promise<unknown>): Promise<void> {
    while (!signal.aborted) {
      const pause = sleep(everyMs, undefined, { signal }).catch(() => {});
      await Promise.race([once().catch(() => {}), sleep(5_000, undefined, { ref: false })]);
      await pause;
    }
  }

  let turn = 0;
  async function ask(): Promise<void> {
    turn++;
    await gateway.ask("viewer", "/v1/scores?limit=5");
    if (turn % 3 === 0) await gateway.ask("viewer", "/v1/status");
    if (turn % 5 === 0) await gateway.ask("viewer", "/v1/scores/nobody-knows-it");
    if (turn % 5 === 1) {
      const [application] = madeUp.usual(1, Date.now(), Date.now() + 1);
      await gateway.post("publisher", "/v1/applications?channel=branch&wait=1s", application);
    }
  }

  async function follow(): Promise<void> {
    const { token } = await gateway.token("viewer");
    const client = await subscribe(gateway.url, token, { from: "now" });
    await Promise.race([client.closed, sleep(RECONNECT_EVERY_MS, undefined, { signal })]).catch(() => {});
    client.ws.terminate();
  }

  const running = Promise.all([
    repeat(EVERY_MS, async () => {
      const messages = Array.from({ length: (PER_SECOND * EVERY_MS) / 1_000 }, () => outgoing("web", next()));
      await Promise.all(
        messages.map(({ subject, payload, messageId }) =>
          bed.js.publish(subject, payload, { ...(messageId !== undefined && { msgID: messageId }), timeout: 2_000 }),
        ),
      );
    }),
    repeat(API_EVERY_MS, ask),
    repeat(500, follow),
  ]);
  traffic.stop = async () => {
    stopping.abort();
    await running;
  };
  return traffic;
}
