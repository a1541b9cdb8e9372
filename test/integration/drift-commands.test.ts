import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { ROOT } from "../../src/app/environment.ts";
import type { ApplicationEvent } from "../../src/contracts/application.ts";
import type { DriftReport } from "../../src/contracts/drift-report.ts";
import { drained } from "../support/drain.ts";
import { finishDrift } from "../support/drift-bed.ts";
import { runCommand } from "../support/ingest-command.ts";
import { createMadeUp, sentOn } from "../support/made-up.ts";
import { publishAll } from "../support/publish.ts";
import { createTestBed, type TestBed } from "../support/test-bed.ts";

const HOUR_MS = 3_600_000;
const START = Date.UTC(2025, 0, 1);
const hour = (number: number) => START + number * HOUR_MS;

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), "plumbline-drift-"));
  onTestFinished(() => rm(made, { recursive: true, force: true }));
  return made;
}

async function write(file: string, applications: readonly ApplicationEvent[]): Promise<string> {
  await writeFile(file, applications.map((application) => `${JSON.stringify(application)}\n`).join(""));
  return file;
}

/** One of scripts/, in the bed's home; what it writes to stdout. */
async function runScript(name: string, args: readonly string[], { home, environment }: TestBed): Promise<string> {
  const env = { PATH: process.env.PATH, NODE_V8_COVERAGE: process.env.NODE_V8_COVERAGE, ...environment };
  const script = join(ROOT, "scripts", name);
  return (await promisify(execFile)(process.execPath, [script, ...args], { cwd: home, env })).stdout;
}

test("drift compare tells two files apart, finds nothing between like ones, and names the line at fault", async () => {
  const home = await folder();
  const environment = { PLUMBLINE_HOME: home };
  const madeUp = createMadeUp(5);
  const usual = await write(join(home, "usual.jsonl"), madeUp.usual(3_000, hour(0), hour(1)));
  const again = await write(join(home, "again.jsonl"), madeUp.usual(3_000, hour(1), hour(2)));
  const shifted = await write(join(home, "shifted.jsonl"), madeUp.shifted(3_000, hour(1), hour(2)));
  const compare = (...args: string[]) => runCommand(["drift", "compare", ...args], environment);

  const like = await compare(usual, again, "--json");
  expect(like).toMatchObject({ code: 0, stderr: "" });
  expect(JSON.parse(like.stdout) as DriftReport).toMatchObject({ severity: "none", findings: [], applications: 3_000 });

  const page = join(home, "page.html");
  const { code, stdout } = await compare("models/lendingclub/reference.json", shifted, "--html", page);
  expect(code, "a relative path is of the folder that the command runs in").toBe(1);
  expect(stdout).toBe("");
  const moved = await compare(usual, shifted, "--html", page, "--json");
  const report = JSON.parse(moved.stdout) as DriftReport;
  expect(report.severity).not.toBe("none");
  expect(report.findings.map(({ feature }) => feature)).toEqual(
    expect.arrayContaining(["term_months", "income_verification", "employment_years"]),
  );
  expect(await readFile(page, "utf8")).toMatch(/^<!doctype html>.*income_verification/s);

  const few = await write(join(home, "few.jsonl"), createMadeUp(7).shifted(120, hour(1), hour(2)));
  const unsure = await compare(usual, few, "--json");
  expect(JSON.parse(unsure.stdout) as DriftReport).toMatchObject({
    status: "insufficient",
    severity: "none",
    applications: 120,
    findings: [],
  });
  const said = await compare(usual, few);
  expect(said.stdout).toMatch(/too few applications for a verdict/);
  expect(said.stdout).toContain("A verdict needs 500 applications (DRIFT_MIN_SAMPLES)");
  const allowed = await runCommand(["drift", "compare", usual, few, "--json"], {
    ...environment,
    DRIFT_MIN_SAMPLES: "100",
  });
  expect(JSON.parse(allowed.stdout) as DriftReport).toMatchObject({ status: "judged" });

  await writeFile(shifted, '{"application_id":"A-1"}\n');
  const wrong = await compare(usual, shifted);
  expect(wrong).toMatchObject({ code: 1, stdout: "" });
  expect(wrong.stderr).toContain(`${shifted}:1: submitted_at is required but missing`);
});

test("drift report shows what was stored, and makes the same again from the record", async () => {
  const settings = { DRIFT_WINDOW: "1h", DRIFT_MIN_SAMPLES: "100" };
  const bed = await createTestBed(settings);
  const report = (...args: string[]) => runCommand(["drift", "report", ...args], bed.environment);
  expect(await report()).toMatchObject({ code: 1, stderr: expect.stringContaining("A scorer registers its model") });

  const scorer = bed.startScorer();
  await scorer.ready();
  const madeUp = createMadeUp(6);
  await publishAll(
    bed.js,
    sentOn("web", [...madeUp.usual(600, hour(0), hour(3)), ...madeUp.shifted(600, hour(3), hour(6))]),
  );
  await drained(bed);
  await finishDrift(bed, settings);

  const stored = await report("--json");
  expect(stored.code).toBe(0);
  const reports = JSON.parse(stored.stdout) as DriftReport[];
  expect(reports.filter(({ channel }) => channel === "*")).toHaveLength(6);
  const again = JSON.parse((await report("--finish", "--json")).stdout) as DriftReport[];
  expect(again.map((one) => ({ ...one, revision: 0 }))).toEqual(reports.map((one) => ({ ...one, revision: 0 })));

  const unfinished = JSON.parse((await report("--from", "2025-01-01", "--json")).stdout) as DriftReport[];
  expect(unfinished.filter(({ channel }) => channel === "*")).toHaveLength(5);

  const page = join(bed.home, "page.html");
  const shown = await report("--html", page);
  expect(shown.stdout).toMatch(/lendingclub 1, all channels: (WARNING|CRITICAL)/);
  expect(shown.stdout).toContain(`${page} is written`);
  expect(await readFile(page, "utf8")).toContain("What now?");
  const scheduled = await runScript("drift-report.ts", ["--from", "2025-01-01", "--finish"], bed);
  expect(scheduled).toMatch(/lendingclub 1, all channels: WARNING/);
  expect(scheduled, "an issue is for critical drift").not.toContain("no issue is opened");
  const written = await readFile(join(bed.home, "drift-report/report.json"), "utf8");
  expect((JSON.parse(written) as DriftReport[]).map(({ window }) => window)).toEqual(again.map(({ window }) => window));
  const later = await report("--from", "2030-01-01");
  expect(later).toMatchObject({ code: 1, stderr: expect.stringContaining("no closed window of model lendingclub") });
  expect(await report("--window", "soon")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("a duration such as"),
  });
  await bed.stopScorers();
});
