/**
 * Writes grafana/dashboards/*.json from grafana/src. With --check writes nothing and fails when a file isn't what it
 * would be, or is of no dashboard.
 */
import { readdir, readFile, writeFile } from "node:fs/promises";
import { dashboards } from "../grafana/src/dashboards.ts";
import { ROOT } from "../src/app/environment.ts";

const FOLDER = `${ROOT}grafana/dashboards/`;
const isCheck = process.argv.includes("--check");

const wanted = new Map(
  dashboards().map((dashboard) => [`${dashboard.uid}.json`, `${JSON.stringify(dashboard, null, 2)}\n`]),
);
const faults: string[] = [];
for (const [name, text] of wanted) {
  if (!isCheck) await writeFile(`${FOLDER}${name}`, text);
  else if ((await readFile(`${FOLDER}${name}`, "utf8").catch(() => "")) !== text) {
    faults.push(`grafana/dashboards/${name} is not what grafana/src says; run npm run generate:dashboards`);
  }
}
for (const name of await readdir(FOLDER)) {
  if (!wanted.has(name)) faults.push(`grafana/dashboards/${name} is of no dashboard in grafana/src; delete it`);
}
for (const fault of faults) process.stderr.write(`${fault}\n`);
process.exitCode = faults.length > 0 ? 1 : 0;
