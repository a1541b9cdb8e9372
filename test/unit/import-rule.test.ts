import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";

/** docs/architecture.md, "Layers": what a folder of src may import besides itself. */
const FEATURES = ["ingest", "scorer", "drift", "alerts", "upkeep", "gateway"];
const SHARED = ["models", "statistics"];
const BASE = ["contracts", "platform"];
const MAY_IMPORT: Record<string, readonly string[]> = {
  "main.ts": ["cli", "app", ...FEATURES, ...SHARED, ...BASE],
  cli: ["app", ...FEATURES, ...SHARED, ...BASE],
  app: [...FEATURES, ...SHARED, ...BASE],
  ...Object.fromEntries(FEATURES.map((name) => [name, [...SHARED, ...BASE]])),
  ...Object.fromEntries(SHARED.map((name) => [name, BASE])),
  ...Object.fromEntries(BASE.map((name) => [name, []])),
};
/** Statistics are values in, values out. */
const PURE_FOLDERS = { statistics: ["contracts"] };

const SRC = resolve(import.meta.dirname, "../../src");
const SPECIFIER = /\b(?:from|import)\s*\(?\s*["']([^"']+)["']/g;

const files = readdirSync(SRC, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
const folderOf = (file: string) => file.split("/")[0]!;

function importsOf(file: string): string[] {
  return [...readFileSync(join(SRC, file), "utf8").matchAll(SPECIFIER)].map(([, specifier]) => specifier!);
}

function violations(file: string, specifiers: readonly string[]): string[] {
  const from = folderOf(file);
  const allowed = PURE_FOLDERS[from as keyof typeof PURE_FOLDERS] ?? MAY_IMPORT[from] ?? [];
  return specifiers
    .filter((specifier) => specifier.startsWith("."))
    .map((specifier) => relative(SRC, resolve(SRC, dirname(file), specifier)))
    .filter((target) => target.startsWith("..") || (folderOf(target) !== from && !allowed.includes(folderOf(target))))
    .map((target) => `${file} imports ${target}`);
}

describe("the import rule", () => {
  it("knows every folder of src", () => {
    expect(Object.keys(MAY_IMPORT)).toEqual(expect.arrayContaining([...new Set(files.map(folderOf))]));
  });

  it("finds imports, or the next test would prove nothing", () => {
    expect(files.flatMap(importsOf).length).toBeGreaterThan(100);
    expect(violations("scorer/scorer.ts", ["../ingest/publish.ts", "../models/policy.ts"])).toEqual([
      "scorer/scorer.ts imports ingest/publish.ts",
    ]);
    expect(violations("platform/log.ts", ["../contracts/score.ts", "./errors.ts", "pino"])).toHaveLength(1);
    expect(violations("statistics/bins.ts", ["../platform/log.ts"])).toHaveLength(1);
  });

  it("holds in every file", () => {
    expect(files.flatMap((file) => violations(file, importsOf(file)))).toEqual([]);
  });

  it("lets one file read the environment", () => {
    const readers = files.filter((file) => /process\.env\b/.test(readFileSync(join(SRC, file), "utf8")));
    // The other one sets a variable of a library, and reads none.
    expect(readers.sort()).toEqual(["app/environment.ts", "models/no-telemetry.ts"]);
  });
});
