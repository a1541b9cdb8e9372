import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT } from "../../../src/app/environment.ts";

const SHARED = join(ROOT, "../shared");
const SHIPPED = join(ROOT, "models/lendingclub");
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "plumbline-reference-"));
  await copyFile(join(SHIPPED, "manifest.json"), join(folder, "manifest.json"));
});
afterAll(() => rm(folder, { recursive: true }));

function reference(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [join(ROOT, "src/main.ts"), "models", "reference", ...args], (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

async function applicationsFile(name: string, amounts: readonly number[]): Promise<string> {
  const manifest = JSON.parse(await readFile(join(SHIPPED, "manifest.json"), "utf8"));
  const lines = amounts.map((loan_amount, i) => {
    const features = Object.fromEntries(
      manifest.features.map((feature: { name: string; type: string; min: number; categories: string[] }) => [
        feature.name,
        feature.type === "numeric" ? feature.min : feature.categories[0],
      ]),
    );
    const submitted_at = "2010-01-01T12:00:00.000Z";
    return JSON.stringify({ application_id: `A-${i}`, submitted_at, features: { ...features, loan_amount } });
  });
  await writeFile(join(folder, name), `${lines.join("\n")}\n`);
  return join(folder, name);
}

describe("plumbline models reference", () => {
  it.skipIf(!existsSync(SHARED))("gives the shipped profile to the byte (needs ../shared)", async () => {
    const out = join(folder, "shipped.json");
    const { code, stdout, stderr } = await reference(
      ...["--bundle", SHIPPED, "--out", out, "--to", "2010-07-01", "--out-of-fold"],
      ...["--applications", join(SHARED, "data/lendingclub-applications.jsonl.gz")],
      ...["--outcomes", join(SHARED, "data/lendingclub-outcomes.jsonl.gz")],
      ...["--scores", join(SHARED, "models/lendingclub-out-of-fold.csv.gz")],
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("lendingclub 1, 13455 applications from 2007-06-01T15:00:00.000Z to 2010-06-30");
    expect(stdout).toMatch(/AUC 0\.68\d\d/);
    expect(await readFile(out, "utf8")).toBe(await readFile(join(SHIPPED, "reference.json"), "utf8"));
  });

  it("writes into the bundle, says what, and overwrites another profile only when told to", async () => {
    const one = ["--bundle", folder, "--applications", await applicationsFile("one.jsonl", [5000, 6000])];
    const other = ["--bundle", folder, "--applications", await applicationsFile("other.jsonl", [7000])];
    const first = await reference(...one, "--json");
    expect(first).toMatchObject({ code: 0, stderr: "" });
    expect(JSON.parse(first.stdout)).toMatchObject({ out: join(folder, "reference.json"), n: 2, decisions: null });
    expect(await reference(...one)).toMatchObject({ code: 0, stderr: "" });
    const refused = await reference(...other);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/reference\.json holds another profile, .* --out, or over it with --force\.\n$/);
    expect((await reference(...other, "--force")).stdout).toContain(
      "no scores: the score and the decisions have no reference",
    );
    expect(JSON.parse(await readFile(join(folder, "reference.json"), "utf8")).n).toBe(1);
    expect((await readdir(folder)).filter((name) => name.includes("draft"))).toEqual([]);
  });

  it("says what is wrong with its options and files", async () => {
    const applications = await applicationsFile("some.jsonl", [5000]);
    const given = ["--bundle", folder, "--applications", applications];
    expect(await reference("--bundle", folder)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching("--applications"),
    });
    expect(await reference(...given, "--to", "soon")).toMatchObject({
      code: 2,
      stderr: expect.stringMatching("2010-07-01"),
    });
    expect(await reference(...given, "--from", "2010-02-01", "--to", "2010-01-01")).toMatchObject({ code: 2 });
    expect(await reference(...given, "--out-of-fold")).toMatchObject({ code: 2 });
    expect(await reference("--bundle", join(folder, "none"), "--applications", applications)).toMatchObject({
      code: 1,
      stderr: `plumbline: cannot read ${folder}/none/manifest.json: there is no such file or folder\n`,
    });
    expect(await reference(...given, "--out", join(folder, "none/r.json"))).toMatchObject({
      code: 1,
      stderr: `plumbline: cannot write ${folder}/none/r.json: there is no such file or folder\n`,
    });
  });

  it("explains itself", async () => {
    const { code, stdout } = await reference("--help");
    expect(code).toBe(0);
    expect(stdout).toContain("--out-of-fold");
  });
});
