import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";

const REPOSITORY = fileURLToPath(new URL("../../../", import.meta.url));
const SHARED = join(REPOSITORY, "../shared");
const folder = mkdtempSync(join(tmpdir(), "plumbline-reference-"));
afterAll(() => rmSync(folder, { recursive: true }));

function build(...args: string[]): { code: number; error: string } {
  try {
    execFileSync(process.execPath, ["scripts/build-reference.ts", ...args], { cwd: REPOSITORY, stdio: "pipe" });
    return { code: 0, error: "" };
  } catch (error) {
    const { status, stderr } = error as { status: number; stderr: Buffer };
    return { code: status, error: stderr.toString() };
  }
}

describe("scripts/build-reference.ts", () => {
  it.skipIf(!existsSync(SHARED))("gives the committed profile to the byte (needs ../shared)", () => {
    const out = join(folder, "reference.json");
    const inputs = {
      applications: join(SHARED, "data/lendingclub-applications.jsonl.gz"),
      outcomes: join(SHARED, "data/lendingclub-outcomes.jsonl.gz"),
      scores: join(SHARED, "models/lendingclub-out-of-fold.csv.gz"),
      before: "2010-07-01",
      manifest: "models/lendingclub/manifest.json",
      out,
    };
    expect(build(...Object.entries(inputs).flatMap(([name, value]) => [`--${name}`, value]))).toEqual({
      code: 0,
      error: "",
    });
    const committed = readFileSync(join(REPOSITORY, "models/lendingclub/reference.json"), "utf8");
    expect(readFileSync(out, "utf8")).toBe(committed);
  });

  it("says which options are absent", () => {
    const { code, error } = build("--before", "2010-07-01");
    expect(code).toBe(2);
    expect(error).toMatch(/^Give --applications, .*--out as well\.\n$/);
  });

  it("names the file that it can't read", () => {
    const args = ["applications", "outcomes", "scores", "out"].flatMap((name) => [
      `--${name}`,
      join(folder, `no-${name}`),
    ]);
    const { code, error } = build(...args, "--before", "2010-07-01", "--manifest", "models/lendingclub/manifest.json");
    expect(code).toBe(1);
    expect(error).toMatch(/^Cannot read .*no-applications: /);
  });
});
