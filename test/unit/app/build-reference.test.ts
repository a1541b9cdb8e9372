import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildReference, type ReferenceFiles } from "../../../src/app/build-reference.ts";
import { OperatorError, UsageError } from "../../../src/platform/errors.ts";
import { SMALL_MANIFEST } from "../models/small-manifest.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "plumbline-reference-"));
});
afterAll(() => rm(folder, { recursive: true }));

type Rows = readonly object[];

function application(n: number, more: object = {}) {
  return {
    application_id: `A-${n}`,
    submitted_at: `2010-01-${String(n).padStart(2, "0")}T12:00:00.000Z`,
    features: { amount: n * 10, dti: n / 10, purpose: n % 2 ? "car" : "house", housing: "own" },
    ...more,
  };
}
const APPLICATIONS = Array.from({ length: 9 }, (_, i) => application(i + 1));

async function file(name: string, content: Rows | string): Promise<string> {
  const path = join(folder, name);
  const text = typeof content === "string" ? content : content.map((row) => `${JSON.stringify(row)}\n`).join("");
  await writeFile(path, name.endsWith(".gz") ? gzipSync(text) : text);
  return path;
}

async function build(applications: Rows | string, more: Partial<ReferenceFiles> = {}, name = "applications.jsonl") {
  const none = { outcomes: undefined, scores: undefined, from: undefined, to: undefined, mapping: undefined };
  const files = { ...none, outOfFold: false, applications: await file(name, applications), ...more };
  return buildReference(SMALL_MANIFEST, files, new AbortController().signal);
}

const moment = (text: string) => ({ text, instant: Date.parse(text) });

describe("buildReference", () => {
  it("profiles applications alone", async () => {
    const profile = await build(APPLICATIONS);
    expect(profile).toMatchObject({ model: { name: "small", version: "1" }, n: 9, score: null, performance: null });
    expect(profile.protected).toBeNull();
    expect(profile.sources).toEqual({ applications: "applications.jsonl" });
  });

  it("takes those of a period, its end excluded, with their scores and the latest of their outcomes", async () => {
    const outcome = (id: number, day: number, defaulted: boolean) => ({
      application_id: `A-${id}`,
      observed_at: `2011-01-0${day}T00:00:00Z`,
      defaulted,
    });
    const scores = `score,application_id\n${APPLICATIONS.map((_, i) => `0.${i + 1},A-${i + 1}`).join("\n")}\n`;
    const profile = await build(APPLICATIONS, {
      from: moment("2010-01-02T12:00:00Z"),
      to: moment("2010-01-05T12:00:00Z"),
      outOfFold: true,
      scores: await file("scores.csv.gz", scores),
      outcomes: await file("outcomes.jsonl", [outcome(2, 2, true), outcome(3, 1, false), outcome(2, 1, false)]),
    });
    expect(profile.n).toBe(3);
    expect(profile.period).toEqual({ from: "2010-01-02T12:00:00.000Z", to: "2010-01-04T12:00:00.000Z" });
    expect(profile.score).toMatchObject({ n: 3, min: 0.2, max: 0.4 });
    expect(profile.decisions).toMatchObject({ approve: 0, refer: 1, decline: 2 });
    expect(profile.performance).toMatchObject({ n: 2, defaults: 1, auc: 0 });
    expect(profile.sources).toEqual({
      applications: "applications.jsonl, submitted from 2010-01-02T12:00:00Z on and before 2010-01-05T12:00:00Z",
      outcomes: "outcomes.jsonl",
      scores: "scores.csv.gz: out of fold, each from a model that had not seen the application",
    });
  });

  it("gives the same profile from CSV, and from score events", async () => {
    const header = "application_id,submitted_at,amount,dti,purpose,housing";
    const rows = APPLICATIONS.map(({ application_id, submitted_at, features }) =>
      [application_id, submitted_at, ...Object.values(features)].join(","),
    );
    const csv = await build([header, ...rows, ""].join("\n"), {}, "applications.csv");
    const { features } = await build(APPLICATIONS);
    expect(csv.features).toEqual(features);
    const events = APPLICATIONS.map(({ application_id }) => ({ application_id, channel: "web", score: 0.25 }));
    const { score } = await build(APPLICATIONS, { scores: await file("scores.jsonl", events) });
    expect(score).toMatchObject({ n: 9, mean: 0.25 });
  });

  it("counts a repetition once", async () => {
    expect((await build([...APPLICATIONS, APPLICATIONS[3]!])).n).toBe(9);
  });

  it("counts protected groups, with ages in ranges", async () => {
    const applicants = [{ sex: "female", age: 34 }, { sex: "male", age: 24 }, { sex: "female", age: 70 }, null];
    const profile = await build(applicants.map((attributes, i) => application(i + 1, { protected: attributes })));
    expect(profile.protected).toEqual({
      age: {
        "25-34": { n: 1, decisions: null },
        "62 and over": { n: 1, decisions: null },
        "under 25": { n: 1, decisions: null },
      },
      sex: { female: { n: 2, decisions: null }, male: { n: 1, decisions: null } },
    });
    const people = Array.from({ length: 60 }, (_, i) =>
      application((i % 28) + 1, { application_id: `P-${i}`, protected: { name: `person ${i}` } }),
    );
    await expect(build(people)).rejects.toThrow("the protected attribute name has more than 50 different values");
  });

  it("names file and line of what isn't valid, all of it at once", async () => {
    const bad = application(2, { features: { amount: "20", purpose: "car" } });
    const building = build([APPLICATIONS[0]!, bad, APPLICATIONS[2]!, { application_id: "A-4" }]);
    await expect(building).rejects.toThrow(OperatorError);
    await expect(building).rejects.toThrow(
      `${folder}/applications.jsonl:2: features.amount must be number; it is required\n${folder}/applications.jsonl:4: submitted_at is required but missing`,
    );
    await expect(build(Array.from({ length: 20 }, () => ({})))).rejects.toThrow("and 15 more lines that are not valid");
  });

  it.each<[string, () => Promise<unknown>, string | RegExp]>([
    [
      "two contents",
      () => build([APPLICATIONS[0]!, application(2, { application_id: "A-1" })]),
      ":2: the application has the id of line 1",
    ],
    ["an empty period", () => build(APPLICATIONS, { to: moment("2009-01-01") }), "none of the 9 applications of "],
    [
      "no value of a feature",
      () => build(APPLICATIONS.map((a) => ({ ...a, features: { ...a.features, dti: null } }))),
      "gives no median for feature dti",
    ],
    [
      "a score too few",
      async () => build(APPLICATIONS, { scores: await file("s.csv", "application_id,score\nA-1,0.5\n") }),
      "s.csv has no score for 8 of 9 applications of",
    ],
    [
      "a score of two",
      async () => build(APPLICATIONS, { scores: await file("s.csv", "application_id,score\nA-1,2\n") }),
      "s.csv:2: score must be a number from 0 to 1",
    ],
    [
      "two scores",
      async () => build(APPLICATIONS, { scores: await file("s.csv", "application_id,score\nA-1,0.5\nA-1,0.6\n") }),
      "s.csv:3: the application has another score",
    ],
    [
      "scores of nobody",
      async () => build(APPLICATIONS, { scores: await file("s.jsonl", [{ score: 0.5 }]) }),
      "s.jsonl:1: application_id must be",
    ],
    [
      "half a score",
      async () => build(APPLICATIONS, { scores: await file("s.jsonl", "{") }),
      "s.jsonl:1: the score is not valid JSON",
    ],
    [
      "no score column",
      async () => build(APPLICATIONS, { scores: await file("s.csv", "application_id,p\nA-1,0.5\n") }),
      "s.csv has no column score",
    ],
    [
      "a wrong outcome",
      async () =>
        build(APPLICATIONS, {
          outcomes: await file("o.jsonl", [
            { application_id: "A-1", observed_at: "2011-01-01T00:00:00Z", defaulted: 1 },
          ]),
        }),
      "o.jsonl:1: defaulted must be true or false",
    ],
    [
      "no file",
      () => build(APPLICATIONS, { outcomes: "/none.jsonl" }),
      "cannot read /none.jsonl: there is no such file",
    ],
  ])("refuses %s", async (_, building, message) => {
    const refused = building();
    await expect(refused).rejects.toThrow(OperatorError);
    await expect(refused).rejects.toThrow(message);
  });

  it("refuses a file whose name doesn't say what is in it", async () => {
    await expect(build(APPLICATIONS, {}, "applications.txt")).rejects.toThrow(UsageError);
  });

  it("stops when it is told to", async () => {
    const applications = await file("a.jsonl", APPLICATIONS);
    const files = { applications, outcomes: undefined, scores: undefined, outOfFold: false };
    const building = buildReference(
      SMALL_MANIFEST,
      { ...files, from: undefined, to: undefined, mapping: undefined },
      AbortSignal.abort(),
    );
    await expect(building).rejects.toThrow(OperatorError);
  });
});
