import { existsSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ApplicationEvent } from "../../../src/contracts/application.ts";
import { parseManifest } from "../../../src/models/manifest.ts";
import { classificationPerformance } from "../../../src/statistics/classification-performance.ts";
import { scoreApplications } from "./score-applications.ts";

const SHARED = new URL("../../../../shared/", import.meta.url);
const MANIFEST = new URL("../../../models/lendingclub/manifest.json", import.meta.url);

/** Few distinct scores, so that ties are the rule. */
const predictions = fc.array(
  fc.record({ score: fc.integer({ min: 0, max: 8 }).map((k) => k / 8), bad: fc.boolean() }),
  {
    minLength: 1,
    maxLength: 60,
  },
);

describe("classificationPerformance", () => {
  it("counts pairs and distribution gaps as brute force does", () => {
    fc.assert(
      fc.property(predictions, (rows) => {
        const { auc, ks } = classificationPerformance(
          rows.map(({ score }) => score),
          rows.map(({ bad }) => bad),
          0.5,
        );
        const bads = rows.filter(({ bad }) => bad).map(({ score }) => score);
        const goods = rows.filter(({ bad }) => !bad).map(({ score }) => score);
        if (bads.length === 0 || goods.length === 0) {
          expect([auc, ks]).toEqual([null, null]);
          return;
        }
        const wins = bads.flatMap((b) => goods.map((g) => (b > g ? 1 : b === g ? 0.5 : 0)));
        expect(auc).toBeCloseTo(wins.reduce<number>((sum, win) => sum + win, 0) / wins.length, 12);
        const upTo = (scores: number[], limit: number) =>
          scores.filter((score) => score <= limit).length / scores.length;
        const gaps = rows.map(({ score }) => Math.abs(upTo(goods, score) - upTo(bads, score)));
        expect(ks).toBeCloseTo(Math.max(...gaps), 12);
      }),
    );
  });

  it("is worked out by hand for four loans", () => {
    const performance = classificationPerformance([0.1, 0.1, 0.4, 0.8], [false, true, false, true], 0.4);
    expect(performance).toMatchObject({
      n: 4,
      defaults: 2,
      auc: 0.625,
      ks: 0.5,
      accuracy: 0.5,
      accuracy_threshold: 0.4,
    });
    expect(performance.mean_score).toBeCloseTo(0.35, 12);
    expect(performance.brier).toBeCloseTo((0.01 + 0.81 + 0.16 + 0.04) / 4, 12);
    expect(performance.log_loss).toBeCloseTo(-Math.log(0.9 * 0.1 * 0.6 * 0.8) / 4, 12);
    expect(performance.ece_10_equal_width).toBeCloseTo((0.8 + 0.4 + 0.2) / 4, 12);
    expect(performance.calibration[1]).toEqual({ n: 2, mean_score: 0.1, defaults: 1 });
    expect(performance.calibration[9]).toEqual({ n: 0, mean_score: null, defaults: 0 });
  });

  it("keeps certainty finite", () => {
    const { log_loss, calibration } = classificationPerformance([1, 0], [false, true], 0.5);
    expect(log_loss).toBeCloseTo(-Math.log(1e-15), 1);
    expect(calibration.at(-1)?.n).toBe(1);
  });

  it("refuses what has no performance", () => {
    expect(() => classificationPerformance([], [], 0.5)).toThrow(RangeError);
    expect(() => classificationPerformance([0.1], [], 0.5)).toThrow(RangeError);
    expect(() => classificationPerformance([Number.NaN], [true], 0.5)).toThrow(RangeError);
    expect(() => classificationPerformance([1.5], [true], 0.5)).toThrow(RangeError);
  });

  it.skipIf(!existsSync(SHARED))("agrees with scikit-learn on the loans after training (needs ../shared)", async () => {
    const applications = readLines<ApplicationEvent>("data/lendingclub-applications.jsonl.gz");
    const outcomes = new Map(
      readLines<{ application_id: string; defaulted: boolean }>("data/lendingclub-outcomes.jsonl.gz").map((outcome) => [
        outcome.application_id,
        outcome.defaulted,
      ]),
    );
    const manifest = parseManifest(readFileSync(MANIFEST, "utf8"), "manifest.json");
    const golden = JSON.parse(readFileSync(new URL("golden/model-performance.json", SHARED), "utf8"));
    expect(golden.windows).toHaveLength(3);
    for (const expected of golden.windows) {
      const inWindow = applications.filter(
        ({ application_id, submitted_at }) =>
          submitted_at >= expected.submitted_from &&
          submitted_at < expected.submitted_before &&
          outcomes.has(application_id),
      );
      const scores = await scoreApplications(manifest, inWindow);
      const defaulted = inWindow.map(({ application_id }) => outcomes.get(application_id)!);
      const performance = classificationPerformance(scores, defaulted, 0.25);
      expect({ n: performance.n, defaults: performance.defaults }).toEqual({
        n: expected.n,
        defaults: expected.defaults,
      });
      for (const name of ["auc", "ks", "brier", "log_loss", "ece_10_equal_width", "mean_score"] as const) {
        expect(performance[name], name).toBeCloseTo(expected[name], 6);
      }
      expect(performance.accuracy).toBeCloseTo(expected.accuracy_at_0_25, 12);
    }
  });
});

function readLines<T>(file: string): T[] {
  const text = gunzipSync(readFileSync(new URL(file, SHARED))).toString();
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as T);
}
