import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { addScript, linesOf, type ScriptCoverage, statementsOf } from "../../../scripts/line-coverage.ts";

const SOURCE = `type Word = "é" | "z";
function chosen(word: Word): number {
  if (word === "z") {
    return 26;
  }
  return 5;
}
function never(): void {
  chosen("z");
}
chosen(process.argv[2] as Word);
`;
const LINES = [3, 4, 6, 9, 11];

/** What Node.js says that it ran of the source when it is given that word. */
function ran(word: string): ScriptCoverage {
  const folder = mkdtempSync(join(tmpdir(), "plumbline-lines-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const script = join(folder, "script.ts");
  const written = join(folder, "coverage");
  writeFileSync(script, SOURCE);
  spawnSync(process.execPath, [script, word], { env: { NODE_V8_COVERAGE: written } });
  const [file] = readdirSync(written);
  const { result } = JSON.parse(readFileSync(join(written, file!), "utf8")) as { result: ScriptCoverage[] };
  return result.find(({ url }) => url === pathToFileURL(script).href)!;
}

test("a line counts that ran in the tests or in any process that they started; a branch not taken doesn't", () => {
  const texts = SOURCE.split("\n");
  const starts = LINES.map((line) => ({ start: { line, column: texts[line - 1]!.search(/\S/) } }));
  const statements = statementsOf(
    { path: "script.ts", statementMap: Object.fromEntries(starts.entries()), s: { 0: 1, 1: 0, 2: 0, 3: 0, 4: 0 } },
    SOURCE,
  );
  const covered = () => [...linesOf(statements)].flatMap(([line, isCovered]) => (isCovered ? [line] : []));
  expect(covered()).toEqual([3]);
  addScript(statements, ran("é"));
  expect(covered()).toEqual([3, 6, 11]);
  addScript(statements, ran("z"));
  expect(covered()).toEqual([3, 4, 6, 11]);
});
