import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { APPLICATION_ID, type ApplicationEvent } from "../../../src/contracts/application.ts";
import type { FeatureProfile } from "../../../src/contracts/reference-profile.ts";
import { parseApplicantSummary } from "../../../src/ingest/applicant-summary.ts";
import { createApplicants } from "../../../src/ingest/applicants.ts";
import { describeShift } from "../../../src/ingest/describe-shift.ts";
import { LONGER_TERMS_UNVERIFIED_INCOME, type PopulationShift } from "../../../src/ingest/population-shift.ts";
import { parseManifest } from "../../../src/models/manifest.ts";
import { parseReferenceProfile } from "../../../src/models/parse-reference-profile.ts";
import { binIndex, groupCounts } from "../../../src/statistics/bins.ts";
import { cutNormal, latentCorrelation } from "../../../src/statistics/latent-correlation.ts";
import { quantile, sortedNumbers } from "../../../src/statistics/quantiles.ts";
import { scoreApplications } from "../statistics/score-applications.ts";

const REPOSITORY = fileURLToPath(new URL("../../../", import.meta.url));
const APPLICATIONS = join(REPOSITORY, "../shared/data/lendingclub-applications.jsonl.gz");
const summary = parseApplicantSummary(readFileSync(join(REPOSITORY, "models/lendingclub-applicants.json"), "utf8"));
const manifest = parseManifest(readFileSync(join(REPOSITORY, "models/lendingclub/manifest.json"), "utf8"), "manifest");
const reference = parseReferenceProfile(
  readFileSync(join(REPOSITORY, "models/lendingclub/reference.json"), "utf8"),
  "reference",
);

const N = 20_000;
const NOW = new Date("2026-01-02T03:04:05.678Z");
const usual = generate(N);
const shifted = generate(N, LONGER_TERMS_UNVERIFIED_INCOME);

function generate(n: number, shift?: PopulationShift, seed = 1): ApplicationEvent[] {
  const applicants = createApplicants({ summary, seed, idPrefix: "DEMO-test" });
  return Array.from({ length: n }, () => applicants.next(NOW, shift));
}

function valuesOf(applications: readonly ApplicationEvent[], feature: string) {
  return applications.flatMap(({ features }) => features[feature] ?? []);
}

/** PSI of a feature against the reference profile, as the drift specification defines it. */
function psi(profile: FeatureProfile, applications: readonly ApplicationEvent[]): number {
  const values = valuesOf(applications, profile.name);
  const [expected, actual] =
    profile.type === "categorical"
      ? [profile.counts, profile.categories.map((category) => values.filter((value) => value === category).length)]
      : [profile.counts, binned(values as number[], profile.edges)].map((counts) =>
          groupCounts(counts, { edges: profile.edges, groupEdges: profile.group_edges }),
        );
  const p = smoothed(expected!);
  return smoothed(actual!).reduce((sum, c, i) => sum + (c - p[i]!) * Math.log(c / p[i]!), 0);
}

function binned(values: readonly number[], edges: readonly number[]): number[] {
  const counts = new Array<number>(edges.length + 1).fill(0);
  for (const value of values) counts[binIndex(edges, value)]! += 1;
  return counts;
}

function smoothed(counts: readonly number[]): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.map((count) => (count + 0.5) / (total + 0.5 * counts.length));
}

describe("generated applicants", () => {
  it("are application events with ids of their own, in the manifest's order of features", () => {
    expect(usual[0]).toMatchObject({ application_id: "DEMO-test-000001", submitted_at: "2026-01-02T03:04:05.678Z" });
    expect(new Set(usual.map(({ application_id }) => application_id)).size).toBe(N);
    const order = manifest.features.map(({ name }) => name);
    for (const { application_id, features } of usual.slice(0, 500)) {
      expect(application_id).toMatch(APPLICATION_ID);
      expect(Object.keys(features)).toEqual(order.filter((name) => name in features));
    }
  });

  it("repeat under the same seed and differ under another", () => {
    expect(generate(50)).toEqual(usual.slice(0, 50));
    expect(generate(50, undefined, 2)).not.toEqual(usual.slice(0, 50));
  });

  it("pass the model's own validation: in range, listed, and required ones present", () => {
    for (const { features } of [...usual, ...shifted]) {
      for (const feature of manifest.features) {
        const value = features[feature.name];
        if (value === undefined) {
          if (feature.required) expect.fail(`${feature.name} is required`);
        } else if (feature.type === "numeric") {
          if (typeof value !== "number" || value < feature.min || value > feature.max)
            expect.fail(`${feature.name}: ${value}`);
        } else if (!feature.categories.includes(String(value))) expect.fail(`${feature.name}: ${value}`);
      }
    }
  });

  it("round as people do: no value has stray decimals", () => {
    for (const { features } of usual.slice(0, 2_000)) {
      for (const [name, value] of Object.entries(features)) expect(String(value).length, name).toBeLessThanOrEqual(18);
      expect(Number(features.loan_amount) % 25).toBe(0);
      expect(String(features.dti)).toMatch(/^\d+(\.\d\d?)?$/);
    }
  });

  it.each(summary.features.map((feature) => [feature.name, feature] as const))(
    "are distributed in %s as summarised",
    (_, feature) => {
      const values = valuesOf(usual, feature.name);
      expect(Math.abs(1 - values.length / N - feature.missing)).toBeLessThan(0.012);
      const profile = reference.features.find(({ name }) => name === feature.name)!;
      expect(psi(profile, usual)).toBeLessThan(0.015);
      if (feature.type === "quantiles") {
        const sorted = sortedNumbers(values as number[]);
        const spread = feature.quantiles[90]! - feature.quantiles[10]!;
        for (const percent of [5, 25, 50, 75, 95]) {
          expect(Math.abs(quantile(sorted, percent / 100) - feature.quantiles[percent]!) / spread).toBeLessThan(0.1);
        }
      }
    },
  );

  it("are correlated as summarised", () => {
    const columns = summary.features.map((feature) => {
      const order =
        feature.type === "values"
          ? feature.values
          : [...new Set(sortedNumbers(valuesOf(usual, feature.name) as number[]))];
      const cellOf = new Map<unknown, number>(order.map((value, i) => [value, i]));
      if (feature.missing_is === "last") cellOf.set(undefined, order.length);
      const cells = usual.map(({ features }) => cellOf.get(features[feature.name]));
      const counts = new Array<number>(cellOf.size).fill(0);
      for (const cell of cells) if (cell !== undefined) counts[cell]! += 1;
      return { cells, normal: cutNormal(counts) };
    });
    const errors = columns.flatMap((a, i) =>
      columns.slice(0, i).map((b, j) => {
        const rows = [...usual.keys()].filter((row) => a.cells[row] !== undefined && b.cells[row] !== undefined);
        const [x, y] = [a, b].map(({ cells }) => rows.map((row) => cells[row]!));
        return Math.abs(latentCorrelation(a.normal, b.normal, x!, y!) - summary.correlation[i]![j]!);
      }),
    );
    expect(Math.max(...errors)).toBeLessThan(0.1);
    expect(errors.reduce((sum, error) => sum + error, 0) / errors.length).toBeLessThan(0.015);
  });

  it("never have a part that is larger than its whole", () => {
    for (const { features } of usual) {
      expect(Number(features.open_accounts ?? 0)).toBeLessThanOrEqual(Number(features.total_accounts ?? 1e9));
      expect(Number(features.bankruptcies ?? 0)).toBeLessThanOrEqual(Number(features.public_records ?? 1e9));
    }
  });

  it("never leave the summarised values, whatever the seed and the prefix", () => {
    const prefix = fc.stringMatching(/^[A-Za-z0-9_-]{1,47}$/);
    fc.assert(
      fc.property(fc.maxSafeInteger(), prefix, (seed, idPrefix) => {
        const { application_id, features } = createApplicants({ summary, seed, idPrefix }).next(NOW);
        expect(application_id).toMatch(APPLICATION_ID);
        for (const feature of summary.features) {
          const value = features[feature.name];
          if (value === undefined) continue;
          if (feature.type === "values") expect(feature.values).toContain(value);
          else expect(Number(value)).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });

  it("are refused an id prefix that makes invalid ids", () => {
    for (const idPrefix of ["", "a b", "x".repeat(48)]) {
      expect(() => createApplicants({ summary, seed: 1, idPrefix })).toThrow(RangeError);
    }
  });

  it.skipIf(!existsSync(APPLICATIONS))("are nobody real (needs ../shared)", () => {
    const real = new Set(realLines().map((line) => identity(JSON.parse(line) as ApplicationEvent)));
    expect(real.size).toBeGreaterThan(42_000);
    expect([...usual, ...shifted].filter((application) => real.has(identity(application)))).toEqual([]);
  });
});

describe("a population shift", () => {
  it("moves what it names far beyond the critical PSI, and nothing else", () => {
    const moved = LONGER_TERMS_UNVERIFIED_INCOME.changes
      .filter(({ kind }) => kind !== "lost")
      .map(({ feature }) => feature);
    for (const profile of reference.features) {
      if (profile.name === "dti") expect(psi(profile, shifted)).toBeGreaterThan(0.2);
      else if (moved.includes(profile.name)) expect(psi(profile, shifted), profile.name).toBeGreaterThan(0.4);
      else expect(psi(profile, shifted), profile.name).toBeLessThan(0.015);
    }
    expect(1 - valuesOf(shifted, "employment_years").length / N).toBeCloseTo(0.3, 1);
  });

  it("makes the shipped model decline several times as many", async () => {
    const declined = async (applications: readonly ApplicationEvent[]) =>
      (await scoreApplications(manifest, applications)).filter((p) => p >= manifest.policy.decline_at_or_above).length /
      N;
    const before = await declined(usual);
    expect(before).toBeGreaterThan(0.1);
    expect(before).toBeLessThan(0.15);
    expect(await declined(shifted)).toBeGreaterThan(0.5);
  });

  it("is described by what it does", () => {
    const text = describeShift(summary, LONGER_TERMS_UNVERIFIED_INCOME);
    expect(text).toContain('"longer-terms-unverified-income"');
    expect(text).toContain("term_months: 60 5 % → 35 %");
    expect(text).toContain("inquiries_6m: median 1 → 3");
    expect(text).toContain("employment_years missing: 1 % → 30 %");
  });

  it("is refused where it names what the summary doesn't have", () => {
    const shiftOf = (change: PopulationShift["changes"][number]) => ({ name: "x", story: "x", changes: [change] });
    const refused = [
      shiftOf({ feature: "height", kind: "moved", by: 1 }),
      shiftOf({ feature: "term_months", kind: "shares", shares: [[48, 0.5]] }),
      shiftOf({ feature: "dti", kind: "shares", shares: [[10, 0.5]] }),
    ];
    for (const shift of refused) expect(() => generate(1, shift)).toThrow(RangeError);
  });
});

function realLines(): string[] {
  return gunzipSync(readFileSync(APPLICATIONS)).toString().trim().split("\n");
}

function identity({ features }: ApplicationEvent): string {
  return JSON.stringify(manifest.features.map(({ name }) => features[name] ?? null));
}
