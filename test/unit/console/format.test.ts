import { expect, it } from "vitest";
import { ago, bytes, count, duration, featureLabel, figure, rate, signed } from "../../../console/src/format.ts";

it("figures have as many digits as they need and a unit on the same line", () => {
  expect([count(null), count(1_234_567), rate(4), rate(4.25), rate(51.4)]).toEqual([
    "–",
    "1,234,567",
    "4",
    "4.3",
    "51",
  ]);
  expect([0, 4.24, 37.6, 999.6, 1_240, 61_000, 7_300_000, 200_000_000].map(duration)).toEqual([
    "0\u00a0ms",
    "4.2\u00a0ms",
    "38\u00a0ms",
    "1.0\u00a0s",
    "1.2\u00a0s",
    "61\u00a0s",
    "2\u00a0h",
    "2\u00a0days",
  ]);
  expect([ago(2_000, 1_000), ago(64_200, 1_000), ago(1_000, 2_000)]).toEqual(["just now", "63\u00a0s ago", "just now"]);
  expect(ago(6_400, 1_000)).toBe("5\u00a0s ago");
  expect([bytes(134), bytes(2_048), bytes(5 * 1024 * 1024)]).toEqual(["134\u00a0B", "2.0\u00a0KiB", "5.0\u00a0MiB"]);
  expect([figure(20_000), figure(0.7931), figure(-12.345), figure(1_234.5)]).toEqual([
    "20,000",
    "0.793",
    "−12.3",
    "1,235",
  ]);
  expect([signed(0.25, 2), signed(-0.25, 2), signed(-0.001, 2)]).toEqual(["+0.25", "−0.25", "0.00"]);
});

it("features are named in words", () => {
  const words = ["loan_amount", "dti", "inquiries_6m", "delinquencies_2y"].map((name) => featureLabel({ name }));
  expect(words).toEqual(["Loan amount", "DTI", "Inquiries, 6 months", "Delinquencies, 2 years"]);
  expect(featureLabel({ name: "x", label: "A label of its own" })).toBe("A label of its own");
});
