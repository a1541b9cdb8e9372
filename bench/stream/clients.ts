import { openRawClient, type RawClient } from "./raw-client.ts";

/** A process full of clients; told what to do by its first argument, it reports when it is told to stop. */
export type ClientsPlan = {
  readonly host: string;
  readonly port: number;
  readonly token: string;
  readonly from: number;
  readonly clients: number;
  /** Of them these stop reading after a third of the time. */
  readonly stalled: number;
  /** Of them, and others than those, these are disconnected so many times. */
  readonly disconnecting: number;
  readonly disconnects: number;
  readonly seconds: number;
};

export type ClientsResult = {
  readonly received: number;
  readonly gaps: number;
  readonly repetitions: number;
  /** Clients, but for the stalled ones, that have the last sequence. */
  readonly complete: number;
  readonly reconnects: number;
  readonly agesMs: Float64Array;
};

/** How long the last ones may take to come. */
const SETTLE_MS = 20_000;

const plan = JSON.parse(process.argv[2]!) as ClientsPlan;
const ages: number[] = [];
let isMeasuring = false;
const clients = Array.from({ length: plan.clients }, () =>
  openRawClient({ ...plan, onAge: (ms) => isMeasuring && ages.push(ms) }),
);
const stalled = clients.slice(0, plan.stalled);
const disconnecting = clients.slice(plan.stalled, plan.stalled + plan.disconnecting);
let reconnects = 0;

await until(() => clients.every((client) => client.isConnected()), 30_000);
process.send!("connected");
isMeasuring = true;
const between = (plan.seconds * 1000) / (plan.disconnects + 1);
const disconnects = setInterval(() => {
  if (reconnects >= plan.disconnecting * plan.disconnects) return clearInterval(disconnects);
  for (const client of disconnecting) client.reconnect();
  reconnects += disconnecting.length;
}, between);
setTimeout(
  () => {
    for (const client of stalled) client.stall();
  },
  (plan.seconds * 1000) / 3,
);

const last = await new Promise<number>((resolve) => process.once("message", (sequence) => resolve(sequence as number)));
clearInterval(disconnects);
const reading = clients.slice(plan.stalled);
await until(() => reading.every((client) => client.last() >= last), SETTLE_MS);
const sum = (of: (client: RawClient) => number) => reading.reduce((total, client) => total + of(client), 0);
const result: ClientsResult = {
  received: sum(({ counts }) => counts.received),
  gaps: sum(({ counts }) => counts.gaps),
  repetitions: sum(({ counts }) => counts.repetitions),
  complete: reading.filter((client) => client.last() >= last).length,
  reconnects,
  agesMs: Float64Array.from(ages),
};
for (const client of clients) client.end();
process.send!(result, () => process.exit());

async function until(isSo: () => boolean, withinMs: number): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!isSo() && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50));
}
