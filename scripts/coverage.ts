/**
 * Which lines of src the unit and integration tests run (`npm run coverage`), in the tests' own process and in the roles and
 * commands that they start; lists the files that are covered least and writes coverage/lcov.info. Exit code 1 when a test fails or
 * less than LINES_HELD is covered. With arguments, vitest's (a test's name …), the share is told but not held:
 *
 *     npm run coverage -- deadletters
 *
 * What a process did that was killed by SIGKILL isn't counted: it writes nothing when it ends.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT } from "../src/app/environment.ts";
import {
  addScript,
  type FileCoverage,
  linesOf,
  type ScriptCoverage,
  type Statements,
  statementsOf,
} from "./line-coverage.ts";

/** Share of src's lines that must be covered. */
const LINES_HELD = 0.8;
const SHOWN = 15;

const folder = join(ROOT, "coverage");
const ofProcesses = mkdtempSync(join(tmpdir(), "plumbline-coverage-"));
const given = process.argv.slice(2);
rmSync(folder, { recursive: true, force: true });
const vitest = join(ROOT, "node_modules/vitest/vitest.mjs");
const { status } = spawnSync(
  process.execPath,
  [vitest, "run", "--coverage", "--project", "unit", "--project", "integration", ...given],
  // Read by vitest.config.ts, which hands it to what the tests start, and to nothing else.
  { cwd: ROOT, stdio: "inherit", env: { ...process.env, COVERAGE_OF_PROCESSES: ofProcesses } },
);

const files = new Map<string, { name: string; statements: Statements }>();
const inTests = JSON.parse(readFileSync(join(folder, "coverage-final.json"), "utf8")) as Record<string, FileCoverage>;
for (const [path, coverage] of Object.entries(inTests)) {
  const statements = statementsOf(coverage, readFileSync(path, "utf8"));
  files.set(pathToFileURL(path).href, { name: relative(ROOT, path), statements });
}
const alone = shareOf([...files.values()]);
const written = readdirSync(ofProcesses);
for (const file of written) {
  const { result } = JSON.parse(readFileSync(join(ofProcesses, file), "utf8")) as { result: ScriptCoverage[] };
  for (const script of result) {
    const known = files.get(script.url);
    if (known !== undefined) addScript(known.statements, script);
  }
}
rmSync(ofProcesses, { recursive: true });

const all = [...files.values()];
const total = shareOf(all);
writeFileSync(join(folder, "lcov.info"), all.map(lcov).join(""));
const least = all
  .map((file) => ({ name: file.name, ...shareOf([file]) }))
  .sort((a, b) => b.lines - b.covered - (a.lines - a.covered))
  .slice(0, SHOWN);
process.stdout.write(`\nlines not covered, by file\n`);
for (const { name, lines, covered } of least)
  process.stdout.write(`${String(lines - covered).padStart(6)} of ${lines}  ${name}\n`);
process.stdout.write(
  `\nlines of src covered: ${percent(total)} (${total.covered} of ${total.lines}); ${percent(alone)} in the tests' own process, ` +
    `the rest in ${written.length} processes that they started\n`,
);
const isHeld = given.length > 0 || total.covered >= LINES_HELD * total.lines;
if (!isHeld) process.stderr.write(`at least ${LINES_HELD * 100} % must be covered\n`);
process.exitCode = status === 0 && isHeld ? 0 : 1;

function shareOf(some: readonly { statements: Statements }[]): { lines: number; covered: number } {
  const lines = some.flatMap(({ statements }) => [...linesOf(statements).values()]);
  return { lines: lines.length, covered: lines.filter(Boolean).length };
}

function percent({ lines, covered }: { lines: number; covered: number }): string {
  return `${((100 * covered) / lines).toFixed(1)} %`;
}

function lcov({ name, statements }: { name: string; statements: Statements }): string {
  const lines = [...linesOf(statements)].map(([line, ran]) => `DA:${line},${ran ? 1 : 0}\n`);
  return `SF:${name}\n${lines.join("")}end_of_record\n`;
}
