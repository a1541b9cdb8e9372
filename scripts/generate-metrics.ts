/**
 * Writes docs/metrics.md from the catalogue of metrics and what the code says of them. With --check writes nothing. Fails
 * when code and catalogue disagree, or with --check when the page isn't what it would be.
 */
import { readFile, writeFile } from "node:fs/promises";
import { ROOT } from "../src/app/environment.ts";
import { METRIC_CATALOGUE } from "../src/contracts/metric-catalogue.ts";
import { registeredMetrics } from "./registered-metrics.ts";

const registered = registeredMetrics();
const faults = [...registered.keys()]
  .filter((name) => !METRIC_CATALOGUE.some((metric) => metric.name === name))
  .map((name) => `${name} is made by the code and not in the catalogue`);

const lines = METRIC_CATALOGUE.map(({ name, type, labels, roles, answers }) => {
  const made = registered.get(name);
  if (made === undefined) faults.push(`${name} is in the catalogue and no code makes it`);
  else if (made.type !== type) faults.push(`${name} is a ${type} in the catalogue and a ${made.type} in the code`);
  else if (made.labelNames.join() !== labels.join()) {
    faults.push(`${name} has the labels ${labels.join()} in the catalogue and ${made.labelNames.join()} in the code`);
  }
  const labelled = labels.length === 0 ? "–" : labels.map((label) => `\`${label}\``).join(", ");
  const served = roles.length === 4 ? "all" : roles.join(", ");
  return `| \`${name}\` | ${type} | ${labelled} | ${served} | ${answers} | ${made?.help ?? ""} |`;
});

const page = [
  "# Metrics",
  "",
  "Every role serves `/metrics` on its `<ROLE>_PORT`, in Prometheus' text format: those below and Node's own (`process_*`, `nodejs_*`).",
  "Units are base units; no label has a value per application or applicant. Generated from `src/contracts/metric-catalogue.ts`",
  "and the code by `npm run generate`. Histograms have `_bucket`, `_sum` and `_count`.",
  "",
  "| metric | type | labels | roles | looked at for | meaning |",
  "|---|---|---|---|---|---|",
  ...lines,
  "",
].join("\n");

const path = `${ROOT}docs/metrics.md`;
if (!process.argv.includes("--check")) await writeFile(path, page);
else if ((await readFile(path, "utf8").catch(() => "")) !== page) {
  faults.push("docs/metrics.md is not what the catalogue says; run npm run generate");
}
for (const fault of faults) process.stderr.write(`${fault}\n`);
process.exitCode = faults.length > 0 ? 1 : 0;
