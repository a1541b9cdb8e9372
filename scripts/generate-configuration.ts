/**
 * Writes .env.example and docs/configuration.md from the table of environment variables. With --check writes nothing
 * and fails when a file isn't what it would be.
 */
import { readFile, writeFile } from "node:fs/promises";
import { ROOT, SECRETS, VARIABLES } from "../src/app/environment.ts";
import type { Variable } from "../src/platform/variables.ts";

const entries: [string, Variable<unknown>][] = Object.entries(VARIABLES);

const example = [
  "# Every environment variable with its default. Generated: npm run generate",
  ...entries.flatMap(([name, { help, fallbackText, mustBe }]) => [
    "",
    `# ${help}`,
    ...(mustBe === "a text" ? [] : [`# Must be ${mustBe}.`]),
    `${fallbackText === undefined ? "# " : ""}${name}=${fallbackText ?? ""}`,
  ]),
  "",
].join("\n");

const page = [
  "# Configuration",
  "",
  "Environment variables, read once at start; all faults are reported together, and the process ends with exit code 2.",
  `${SECRETS.map((name) => `\`${name}\``).join(", ")} may each be in a file instead, whose path is in the variable of that name with \`_FILE\`.`,
  "Generated from `src/app/environment.ts` by `npm run generate`.",
  "",
  "| variable | default | meaning |",
  "|---|---|---|",
  ...entries.map(([name, { help, fallbackText, mustBe }]) => {
    const form = mustBe === "a text" ? "" : ` Must be ${mustBe}.`;
    return `| \`${name}\` | ${fallbackText === undefined ? "–" : `\`${fallbackText}\``} | ${help}${form} |`;
  }),
  "",
].join("\n");

let stale = 0;
for (const [name, wanted] of [
  [".env.example", example],
  ["docs/configuration.md", page],
] as const) {
  const path = `${ROOT}${name}`;
  if (!process.argv.includes("--check")) {
    await writeFile(path, wanted);
  } else if ((await readFile(path, "utf8").catch(() => "")) !== wanted) {
    process.stderr.write(`${name} is not what src/app/environment.ts says; run npm run generate\n`);
    stale++;
  }
}
process.exitCode = stale > 0 ? 1 : 0;
