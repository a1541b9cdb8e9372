import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ROOT } from "../../src/app/environment.ts";
import { messageOf } from "../../src/platform/errors.ts";
import { createLifecycle } from "../../src/platform/lifecycle.ts";
import { createLogger } from "../../src/platform/log.ts";
import { onBlankSlate } from "../blank-slate.ts";
import { withGateway } from "../gateway/gateway-process.ts";
import { describeMachine, type Machine } from "../machine.ts";
import { startServers } from "../servers.ts";
import { measureStream, type Streamed, type StreamPlan } from "./measure-stream.ts";

const USAGE = `usage: npm run bench:stream -- [--quick] [--clients N] [--rate N,N,...] [--seconds N] [--json FILE]

Many WebSocket clients follow the scores: of 1,000, 50 stop reading and 100 are disconnected 20 times each. Broker, publisher,
gateway and all clients share the machine.

  --quick      a smoke run of a few seconds; its figures mean nothing
  --json FILE  also write the figures as JSON
`;

export type StreamFigures = {
  readonly machine: Machine;
  readonly date: string;
  readonly quick: boolean;
  readonly runs: readonly Streamed[];
};

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => stop.abort(new Error(`stopped by ${signal}`)));

try {
  const { values } = parseArgs({
    options: {
      quick: { type: "boolean" },
      clients: { type: "string", default: "1000" },
      rate: { type: "string", default: "100,250,500" },
      seconds: { type: "string", default: "30" },
      json: { type: "string" },
      help: { type: "boolean" },
    },
  });
  if (values.help) process.stdout.write(USAGE);
  else await run(plansOf(values), values.quick ?? false, values.json);
} catch (error) {
  process.stderr.write(`bench:stream: ${messageOf(error)}\n`);
  process.exitCode = 1;
}

function plansOf(values: { quick?: boolean; clients: string; rate: string; seconds: string }): StreamPlan[] {
  if (values.quick) return [{ clients: 20, stalled: 1, disconnecting: 4, disconnects: 3, rate: 100, seconds: 2 }];
  const clients = Number(values.clients);
  const share = (part: number) => Math.round(clients * part);
  return values.rate.split(",").map((rate) => ({
    clients,
    stalled: share(0.05),
    disconnecting: share(0.1),
    disconnects: 20,
    rate: Number(rate),
    seconds: Number(values.seconds),
  }));
}

async function run(plans: readonly StreamPlan[], quick: boolean, jsonFile: string | undefined): Promise<void> {
  const log = createLogger("warn", "bench");
  const lifecycle = createLifecycle(log);
  try {
    const servers = await startServers(lifecycle, log);
    const bundle = join(ROOT, "models/lendingclub");
    const figures = await onBlankSlate(servers, log, async (slate): Promise<StreamFigures> => {
      const machine = await describeMachine(slate);
      const { cpu, cores, memoryGb, linux, node, natsServer } = machine;
      process.stdout.write(
        `${cpu}, ${cores} cores, ${memoryGb} GiB; Linux ${linux}; Node ${node}; nats-server ${natsServer}\n\n`,
      );
      return withGateway(slate, bundle, stop.signal, async (gateway) => {
        const runs: Streamed[] = [];
        for (const plan of plans) {
          runs.push(await measureStream(slate, gateway, plan, stop.signal));
          process.stdout.write(line(runs.at(-1)!));
        }
        return { machine, date: new Date().toISOString(), quick, runs };
      });
    });
    if (quick) process.stdout.write("\nA quick run: its figures mean nothing.\n");
    if (jsonFile !== undefined) await writeFile(jsonFile, `${JSON.stringify(figures, undefined, 2)}\n`);
  } finally {
    await lifecycle.stop();
  }
}

function line(run: Streamed): string {
  const reading = run.clients - run.stalled;
  return [
    `${run.clients} clients, ${run.achievedRate.toFixed(0)} of ${run.rate} scores/s, ${Math.round(run.framesPerSecond)} frames/s:`,
    `p50 ${run.p50Ms.toFixed(0)} ms, p99 ${run.p99Ms.toFixed(0)} ms;`,
    `${run.gaps} missing, ${run.repetitions} twice, ${run.complete} of ${reading} complete after ${run.reconnects} reconnects;`,
    `${run.tooSlow} of ${run.stalled} stalled ones closed;`,
    `gateway ${run.gatewayRssMb.toFixed(0)} MiB, ${run.gatewayCores.toFixed(2)} cores; others ${run.otherCores.toFixed(2)}\n`,
  ].join(" ");
}
