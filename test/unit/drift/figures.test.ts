import { describe, expect, it } from "vitest";
import { figure, listing, period, pointsOf, pValue, signed } from "../../../src/drift/page/figures.ts";

describe("figures", () => {
  it("name a window by its first and last day, or by its instants", () => {
    const of = (start: string, end: string) => period({ start, end });
    expect(of("2026-01-01T00:00:00.000Z", "2026-01-02T00:00:00.000Z")).toBe("1 Jan 2026");
    expect(of("2026-01-01T00:00:00.000Z", "2026-01-31T00:00:00.000Z")).toBe("1 Jan 2026 to 30 Jan 2026");
    expect(of("2026-01-01T06:00:00.000Z", "2026-01-01T18:00:00.000Z")).toBe(
      "1 Jan 2026, 06:00 to 1 Jan 2026, 18:00 UTC",
    );
  });

  it("never show a p-value of zero", () => {
    expect(pValue(0)).toBe("< 0.0001");
    expect(pValue(0.0123)).toBe("0.012");
  });

  it("give no sign to what rounds to nothing", () => {
    expect(signed(-0.00004, 4)).toBe("0.0000");
    expect(signed(-0.25, 2)).toBe("−0.25");
    expect(pointsOf(0.052).replace("\u00a0", " ")).toBe("+5.2 percentage points");
  });

  it("keep three digits of small numbers and all of large ones", () => {
    expect([0, 0.012345, 1.5, 35482.2, null].map(figure)).toEqual(["0", "0.0123", "1.5", "35,482", "–"]);
  });

  it("list in words", () => {
    expect([[], ["a"], ["a", "b"], ["a", "b", "c"]].map(listing)).toEqual(["", "a", "a and b", "a, b and c"]);
  });
});
