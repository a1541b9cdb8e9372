import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ROOT } from "../../src/app/environment.ts";
import { messageOf } from "../../src/platform/errors.ts";
import { createLifecycle } from "../../src/platform/lifecycle.ts";
import { createLogger } from "../../src/platform/log.ts";
import { lendingClubBodies, writeBodies } from "../applications.ts";
import { onBlankSlate, type Slate } from "../blank-slate.ts";
import { describeMachine } from "../machine.ts";
import { withScorers } from "../scorers.ts";
import { startServers } from "../servers.ts";
import { type GatewayProcess, withGateway } from "./gateway-process.ts";
import { measurePosts, type Posts } from "./measure-posts.ts";
import { type Figures, renderFigures } from "./report.ts";

const USAGE = `usage: npm run bench:gateway -- [--quick] [--json FILE]

What submitting by HTTP takes: with wait at 200/s, single ones at 1,000/s and up to the rate that doesn't hold any more, batches.
A scorer, the broker, the database and the load generator share the machine.

  --quick      a smoke run of a few seconds; its figures mean nothing
  --json FILE  also write the figures as JSON
`;

// From version 1.29 on, ONNX Runtime reports its use to its makers unless told not to; the scorer inherits this.
process.env.ORT_DISABLE_TELEMETRY = "1";

/** Single submissions per second that are tried one after the other until one doesn't hold. */
const RATES = [1_000, 1_500, 2_000, 2_500, 3_000, 4_000, 5_000];
/** A rate holds with at most this. */
const HOLDS = { p95Ms: 100, errorShare: 0.001, achieved: 0.98 };
const BATCH = 1_000;

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => stop.abort(new Error(`stopped by ${signal}`)));

try {
  const { values } = parseArgs({
    options: { quick: { type: "boolean" }, json: { type: "string" }, help: { type: "boolean" } },
  });
  if (values.help) process.stdout.write(USAGE);
  else await run(values.quick ?? false, values.json);
} catch (error) {
  process.stderr.write(`bench:gateway: ${messageOf(error)}\n`);
  process.exitCode = 1;
}

async function run(quick: boolean, jsonFile: string | undefined): Promise<void> {
  const log = createLogger("warn", "bench");
  const lifecycle = createLifecycle(log);
  try {
    const servers = await startServers(lifecycle, log);
    const bundle = join(ROOT, "models/lendingclub");
    const bodiesFile = join(servers.home, "bodies.jsonl");
    await writeBodies(bodiesFile, await lendingClubBodies());
    const figures = await onBlankSlate(servers, log, (slate) =>
      withScorers(slate, { count: 1, bundle }, stop.signal, () =>
        withGateway(slate, bundle, stop.signal, (gateway) => measure(slate, gateway, bodiesFile, quick)),
      ),
    );
    process.stdout.write(renderFigures(figures));
    if (jsonFile !== undefined) await writeFile(jsonFile, `${JSON.stringify(figures, undefined, 2)}\n`);
  } finally {
    await lifecycle.stop();
  }
}

async function measure(slate: Slate, gateway: GatewayProcess, bodiesFile: string, quick: boolean): Promise<Figures> {
  const time = quick ? { warmUpSeconds: 0.5, seconds: 1 } : { warmUpSeconds: 5, seconds: 20 };
  const common = { bodiesFile, ...time };
  const withWait = await measurePosts(
    gateway,
    {
      ...common,
      path: "/v1/applications?channel=web&wait=5s",
      prefix: "wait",
      rate: 200,
      applications: 1,
      expectedStatus: 200,
    },
    stop.signal,
  );
  const single: Posts[] = [];
  for (const rate of quick ? RATES.slice(0, 1) : RATES) {
    const plan = { ...common, path: "/v1/applications?channel=web", prefix: `single${rate}`, rate, applications: 1 };
    single.push(await measurePosts(gateway, { ...plan, expectedStatus: 202 }, stop.signal));
    if (!holds(single.at(-1)!)) break;
  }
  const batches = await measurePosts(
    gateway,
    {
      ...common,
      path: "/v1/applications/batch?channel=web",
      prefix: "batch",
      rate: 4,
      applications: BATCH,
      expectedStatus: 200,
    },
    stop.signal,
  );
  return {
    machine: await describeMachine(slate),
    date: new Date().toISOString(),
    quick,
    withWait,
    single,
    highestRate: single.findLast(holds)?.rate ?? 0,
    batches: { ...batches, applications: BATCH },
  };
}

function holds({ rate, achievedRate, p95Ms, errorShare }: Posts): boolean {
  return p95Ms <= HOLDS.p95Ms && errorShare < HOLDS.errorShare && achievedRate >= rate * HOLDS.achieved;
}
