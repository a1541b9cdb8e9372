import { writeFile } from "node:fs/promises";
import { cpus, totalmem } from "node:os";
import { parseArgs } from "node:util";
import { messageOf } from "../../src/platform/errors.ts";
import { cost } from "./cost.ts";
import { detection } from "./detection.ts";
import { dailyStream, resampledWindows } from "./false-alarms.ts";
import { readPopulations } from "./population.ts";
import { seeded } from "./random.ts";
import { realDrift } from "./real-drift.ts";
import { renderFigures } from "./report.ts";

const USAGE = `usage: npm run bench:drift -- [--quick] [--json FILE]

How often the drift verdict is wrong, what it finds, and what it costs, beside the two usual rules; on real loans.

  --quick      a smoke run of a few seconds; its figures mean little
  --json FILE  also write the figures as JSON
`;

// From version 1.29 on, ONNX Runtime reports its use to its makers unless told not to.
process.env.ORT_DISABLE_TELEMETRY = "1";
const SEED = 20_100_701;
const DETECTED = ["annual_income", "revolving_utilization", "term_months", "inquiries_6m", "purpose", "home_ownership"];

try {
  const { values } = parseArgs({
    options: { quick: { type: "boolean" }, json: { type: "string" }, help: { type: "boolean" } },
  });
  if (values.help) process.stdout.write(USAGE);
  else await run(values.quick ?? false, values.json);
} catch (error) {
  process.stderr.write(`bench:drift: ${messageOf(error)}\n${USAGE}`);
  process.exitCode = 1;
}
// Native sessions must not keep a finished run alive.
process.exit();

async function run(quick: boolean, jsonFile: string | undefined): Promise<void> {
  const populations = await readPopulations();
  const random = seeded(SEED);
  const times = quick ? 0.02 : 1;
  const scaled = (count: number) => Math.max(4, Math.round(count * times));
  const figures = {
    machine: {
      cpu: cpus()[0]?.model ?? "",
      cores: cpus().length,
      memoryGb: Math.round(totalmem() / 2 ** 30),
      node: process.versions.node,
    },
    date: new Date().toISOString(),
    falseAlarms: [
      ...[500, 2_000, 10_000].map((n) => resampledWindows(populations, n, scaled(2_000), random)),
      dailyStream(populations, 2_000, scaled(1_000), false, random),
      dailyStream(populations, 2_000, scaled(1_000), true, random),
    ],
    detections: [0.15, 0.05].flatMap((psi) =>
      DETECTED.map((feature) => detection(populations, feature, psi, 2_000, scaled(400), random)),
    ),
    realDrift: realDrift(populations),
    cost: await cost(populations, quick ? 300 : 7_200),
  };
  process.stdout.write(renderFigures(figures));
  if (jsonFile !== undefined) await writeFile(jsonFile, `${JSON.stringify(figures, undefined, 2)}\n`);
}
