import { existsSync } from "node:fs";
import { readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { OperatorError } from "../platform/errors.ts";
import { runProgram } from "../platform/servers/run-program.ts";
import { ROOT } from "./environment.ts";

/** The console as browsers get it. */
export const CONSOLE_FILES = join(ROOT, "console/dist");

/** What the console is made from; it shares shapes and the naming of bins with the rest. */
const SOURCES = [
  "console/src",
  "console/index.html",
  "console/vite.config.ts",
  "client",
  "src/contracts",
  "src/drift/page",
];
const VITE = join(ROOT, "node_modules/vite/bin/vite.js");
const BUILD_WITHIN_MS = 120_000;

/**
 * Builds the console when its files are missing or older than its sources. Where the build tool isn't installed, as in a
 * production image, what was built into it is left alone.
 * @returns whether it had to be built. @throws OperatorError with what the tool says.
 */
export async function buildConsole(): Promise<boolean> {
  if (!existsSync(VITE) || (await isCurrent())) return false;
  // Built aside and put in place in one go: a gateway may be serving the old one, and two may build at once.
  const aside = `${CONSOLE_FILES}-${process.pid}`;
  const args = [
    VITE,
    "build",
    "--config",
    join(ROOT, "console/vite.config.ts"),
    "--outDir",
    aside,
    "--logLevel",
    "warn",
  ];
  const { code, output } = await runProgram(process.execPath, args, { withinMs: BUILD_WITHIN_MS });
  if (code !== 0) {
    await rm(aside, { recursive: true, force: true });
    // Where in the tool it happened helps nobody.
    const lines = output.split("\n").filter((line) => !/^\s+at /.test(line));
    const firstLines = lines.slice(0, 10).join("\n").trimEnd();
    throw new OperatorError(`the console can't be built; try it yourself: npm run build:console\n${firstLines}`);
  }
  await rm(CONSOLE_FILES, { recursive: true, force: true });
  await rename(aside, CONSOLE_FILES);
  return true;
}

async function isCurrent(): Promise<boolean> {
  const built = await stat(join(CONSOLE_FILES, "index.html")).catch(() => undefined);
  if (built === undefined) return false;
  const times = await Promise.all(SOURCES.map((source) => newestIn(join(ROOT, source))));
  return Math.max(...times) <= built.mtimeMs;
}

/** When anything in a folder, or a file, was last changed, in milliseconds; folders count, since files may have gone. */
async function newestIn(path: string): Promise<number> {
  const own = await stat(path).catch(() => undefined);
  if (own === undefined) return 0;
  if (!own.isDirectory()) return own.mtimeMs;
  const names = (await readdir(path)).filter((name) => name !== "dist" && name !== "node_modules");
  const times = await Promise.all(names.map((name) => newestIn(join(path, name))));
  return Math.max(own.mtimeMs, ...times);
}
