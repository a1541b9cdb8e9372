import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { reasonAgreement } from "../../scripts/reason-agreement.ts";
import { ROOT } from "../../src/app/environment.ts";
import { type Bundle, readBundle } from "../../src/models/bundle.ts";
import { substitutionContributions, substitutionReasons } from "../../src/models/reasons.ts";
import { openSession, type Session } from "../../src/models/session.ts";

const GOLDEN = join(ROOT, "../shared/golden/tree-shap.json");
let bundle: Bundle;
let session: Session;

beforeAll(async () => {
  bundle = await readBundle(join(ROOT, "models/lendingclub"));
  session = await openSession(bundle.modelFile, bundle.manifest);
});
afterAll(() => session.release());

/** Rows of encoded applications: typical values, missing ones and others, within what the model knows. */
function encodedRows(): fc.Arbitrary<number[][]> {
  const columns = bundle.manifest.features.map((feature, index) => {
    const typical = bundle.typicalValues[index]!;
    const other =
      feature.type === "numeric"
        ? fc.double({ min: Math.max(feature.min, 0), max: Math.min(feature.max, typical * 4 + 10), noNaN: true })
        : fc.nat(feature.categories.length - 1);
    return fc.oneof(other.map(Math.fround), fc.constantFrom(typical, Number.NaN));
  });
  return fc.array(fc.tuple(...columns), { minLength: 1, maxLength: 40 });
}

async function explain(rows: readonly (readonly number[])[]) {
  const { features } = bundle.manifest;
  const tensor = Float32Array.from(rows.flat());
  const scores = Array.from(await session.run(tensor, rows.length));
  const contributions = await substitutionContributions(session, bundle.typicalValues, tensor, scores);
  const reasons = await substitutionReasons(session, features, bundle.typicalValues, tensor, scores);
  return { scores, contributions, reasons };
}

describe("reasons", () => {
  it("are one to four, the largest contribution first, each an adverse feature of its own", async () => {
    const { features } = bundle.manifest;
    await fc.assert(
      fc.asyncProperty(encodedRows(), async (rows) => {
        const { contributions, reasons } = await explain(rows);
        expect(reasons).toHaveLength(rows.length);
        for (const [row, ofRow] of reasons.entries()) {
          const adverse = contributions[row]!.filter((contribution) => contribution > 0).sort((a, b) => b - a);
          const largest = Math.max(...contributions[row]!);
          expect(ofRow.map(({ contribution }) => contribution)).toEqual(
            adverse.length > 0 ? adverse.slice(0, 4) : [largest],
          );
          expect(new Set(ofRow.map(({ feature }) => feature)).size).toBe(ofRow.length);
          for (const { code, text, feature, contribution } of ofRow) {
            const index = features.findIndex(({ name }) => name === feature);
            expect(features[index]!.reason).toEqual({ code, text });
            expect(contributions[row]![index]).toBe(contribution);
          }
        }
      }),
      { numRuns: 50 },
    );
  });

  it("are the same to the last bit for an application alone and among others", async () => {
    await fc.assert(
      fc.asyncProperty(encodedRows(), async (rows) => {
        const together = await explain(rows);
        for (const [row, values] of rows.entries()) {
          const { reasons } = await explain([values]);
          expect(reasons[0]).toEqual(together.reasons[row]);
        }
      }),
      { numRuns: 15 },
    );
  });

  it("are never none: an application like the typical one has its least favourable feature named", async () => {
    const { reasons } = await explain([[...bundle.typicalValues]]);
    expect(reasons).toEqual([[expect.objectContaining({ feature: "loan_amount", contribution: 0 })]]);
    expect(
      await substitutionReasons(session, bundle.manifest.features, bundle.typicalValues, new Float32Array(), []),
    ).toEqual([]);
  });

  it("rest on contributions that are differences of log-odds against the application with one typical value", async () => {
    const logit = (p: number) => Math.log(p / (1 - p));
    const row = [...bundle.typicalValues];
    const [dti, inquiries] = [3, 7];
    row[dti] = 28;
    row[inquiries] = 6;
    const { scores, contributions } = await explain([row]);
    const withoutDti = await session.run(Float32Array.from(row.with(dti, bundle.typicalValues[dti]!)), 1);
    expect(contributions[0]![dti]).toBe(logit(scores[0]!) - logit(withoutDti[0]!));
    expect(contributions[0]!.filter((contribution) => contribution !== 0).length).toBeLessThanOrEqual(2);
  });
});

describe("the agreement with exact SHAP values", () => {
  it("is what the documentation says", async ({ skip }) => {
    if (!existsSync(GOLDEN)) return skip(`${GOLDEN} is not there`);
    const { all, declined } = await reasonAgreement(JSON.parse(await readFile(GOLDEN, "utf8")));
    const documentation = await readFile(join(ROOT, "docs/reasons.md"), "utf8");
    const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
    const figures = (rows: string, { sameTopReason, topFourOverlap }: typeof all) =>
      `| ${rows} | ${percent(sameTopReason)} | ${percent(topFourOverlap)} |`;
    expect(documentation).toContain(figures(`all ${all.rows}`, all));
    expect(documentation).toContain(figures(`the ${declined.rows} that are declined`, declined));
    expect(figures("all 107", all)).toBe("| all 107 | 81.3 % | 78.6 % |");
    expect(figures("the 10", declined)).toBe("| the 10 | 90.0 % | 85.0 % |");
  });
});
