/**
 * Runs every panel's expression in a Prometheus and prints a table in Markdown:
 *
 *     npm run -s panels -- http://127.0.0.1:9090 [--rate-interval 20s] [--range 10m] [--factor 60] [--at TIME]...
 *
 * With several --at a column each, which shows what moved between them. --factor is what scale-rules.ts divided the rules'
 * durations by. Exit code 1 when Prometheus refuses an
 * expression or returns a sample that isn't finite; expressions without a sample are counted.
 */
import { parseArgs } from "node:util";
import { dashboards } from "../grafana/src/dashboards.ts";
import { panelExpressions } from "../grafana/src/panel-expressions.ts";
import { hasMoved, type PanelSample, samplePanels } from "../grafana/src/panel-samples.ts";
import { scaleRules } from "./scale-rules.ts";

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    "rate-interval": { type: "string", default: "1m" },
    range: { type: "string", default: "1h" },
    factor: { type: "string", default: "1" },
    at: { type: "string", multiple: true, default: [] },
  },
});
const [url] = positionals;
const times = values.at.length === 0 ? [new Date()] : values.at.map((text) => new Date(text));
const factor = Number(values.factor);
if (url === undefined || !(factor >= 1) || times.some((time) => Number.isNaN(time.getTime()))) {
  process.stderr.write(
    "usage: npm run -s panels -- URL [--rate-interval 1m] [--range 1h] [--factor 1] [--at ISO-TIME]...\n",
  );
  process.exit(2);
}

const expressions = panelExpressions(dashboards(), {
  rateInterval: values["rate-interval"],
  range: values.range,
  rewrite: (expression) => (factor === 1 ? expression : scaleRules(expression, factor)),
});
const columns: PanelSample[][] = [];
for (const time of times) columns.push(await samplePanels(url.replace(/\/$/, ""), expressions, time));

const line = (cells: readonly string[]) => process.stdout.write(`| ${cells.join(" | ")} |\n`);
const headings = ["dashboard", "panel", "expression", ...times.map((time) => time.toISOString())];
const isCompared = times.length > 1;
line(isCompared ? [...headings, "moved"] : headings);
line([...headings, ...(isCompared ? ["moved"] : [])].map(() => "---"));
for (const [index, { dashboard, panel, expression }] of expressions.entries()) {
  const samples = columns.map((column) => column[index]!);
  const moved = samples.slice(1).some((sample) => hasMoved(samples[0]!, sample)) ? "yes" : "no";
  const cells = [dashboard, panel, `\`${expression.replaceAll("|", "\\|")}\``, ...samples.map(inWords)];
  line(isCompared ? [...cells, moved] : cells);
}

const all = columns.flat();
const refused = all.filter(({ error }) => error !== undefined).length;
const notFinite = all.filter((sample) => sample.notFinite > 0).length;
const without = all.filter(({ series, error }) => series === 0 && error === undefined).length;
process.stdout.write(
  `\n${all.length} evaluations: ${refused} refused, ${notFinite} with a sample that isn't finite, ${without} without a sample\n`,
);
process.exitCode = refused + notFinite > 0 ? 1 : 0;

function inWords({ error, series, notFinite, lowest, highest }: PanelSample): string {
  if (error !== undefined) return `refused: ${error}`;
  if (series === 0) return "none";
  const number = (value: number | undefined) => (value === undefined ? "–" : String(Number(value.toPrecision(4))));
  const range = lowest === highest ? number(lowest) : `${number(lowest)} … ${number(highest)}`;
  const faulty = notFinite > 0 ? `, ${notFinite} not finite` : "";
  return series === 1 ? `${range}${faulty}` : `${range} (${series} series${faulty})`;
}
