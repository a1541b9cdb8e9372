/**
 * Judges a deployment's stored applications of the last DRIFT_REPORT_DAYS days (14) again, writes drift-report/report.{json,html}
 * and, on GitHub, opens an issue when the newest verdict is critical (`npm run report:drift`). Arguments replace that period:
 *
 *     npm run report:drift -- --from 2010-07-01 --window 30d
 *
 * The deployment is that of DATABASE_URL. Exit code 0 whatever was found; 1 when there is nothing to report or GitHub refuses.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../src/app/environment.ts";
import type { DriftReport } from "../src/contracts/drift-report.ts";
import { renderTerminal } from "../src/drift/terminal-table.ts";
import { criticalVerdicts, tellOfDrift } from "./drift-issue.ts";

const DAY_MS = 86_400_000;
const folder = "drift-report";

const {
  DRIFT_MODEL,
  DRIFT_REPORT_DAYS,
  GITHUB_API_URL,
  GITHUB_REPOSITORY,
  GITHUB_RUN_ID,
  GITHUB_SERVER_URL,
  GITHUB_TOKEN,
} = process.env;
const days = Number(DRIFT_REPORT_DAYS || 14);
if (!(days >= 1)) {
  process.stderr.write(`DRIFT_REPORT_DAYS is ${DRIFT_REPORT_DAYS}; it must be a number of days, at least 1\n`);
  process.exit(1);
}
const since = new Date(Date.now() - days * DAY_MS).toISOString().slice(0, 10);
const given = process.argv.slice(2);
const period = given.length > 0 ? given : ["--from", since];
const model = DRIFT_MODEL ? ["--model", DRIFT_MODEL] : [];

mkdirSync(folder, { recursive: true });
const { stdout, status, error } = spawnSync(
  join(ROOT, "bin/plumbline"),
  ["drift", "report", ...model, ...period, "--json", "--html", join(folder, "report.html")],
  { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"], maxBuffer: 1 << 30 },
);
if (error !== undefined) throw error;
if (status !== 0) process.exit(status ?? 1);
writeFileSync(join(folder, "report.json"), stdout);
const reports = JSON.parse(stdout) as DriftReport[];
process.stdout.write(renderTerminal(reports));

if (criticalVerdicts(reports).length > 0) {
  if (!GITHUB_TOKEN || !GITHUB_REPOSITORY) {
    process.stdout.write("\ncritical; no issue is opened: GITHUB_TOKEN and GITHUB_REPOSITORY are not set\n");
  } else {
    const repository = {
      api: GITHUB_API_URL ?? "https://api.github.com",
      name: GITHUB_REPOSITORY,
      token: GITHUB_TOKEN,
    };
    const run = `${GITHUB_SERVER_URL ?? "https://github.com"}/${GITHUB_REPOSITORY}/actions/runs/${GITHUB_RUN_ID ?? ""}`;
    process.stdout.write(`\ncritical: ${await tellOfDrift(repository, reports, run)}\n`);
  }
}
