import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Movement, Severity } from "../../../src/contracts/drift-report.ts";
import { exceedance, movement, worst } from "../../../src/drift/movement.ts";
import { DEFAULT_SETTINGS, settingsWith } from "../../../src/drift/settings.ts";

const LEVELS: readonly Severity[] = ["none", "warning", "critical"];
const severity = fc.constantFrom(...LEVELS);
const levelOf = (of: Severity) => LEVELS.indexOf(of);

/** The movements of windows one after another; window i starts at `i`. */
function follow(exceedances: readonly Severity[]): Movement[] {
  const all: Movement[] = [];
  exceedances.forEach((exceeds, index) => {
    all.push(movement(exceeds, all.slice(-2).reverse(), String(index)));
  });
  return all;
}

const last = (...exceedances: Severity[]) => follow(exceedances).at(-1)!;

describe("an exceedance", () => {
  it("reaches a limit that it misses by the last digit of a difference alone", () => {
    const rise = 0.15 - 0.1;
    expect(rise).toBeLessThan(0.05);
    expect(exceedance(0, rise, { warning: 0.05, critical: 0.25 }, DEFAULT_SETTINGS)).toBe("warning");
  });

  const settings = settingsWith({});
  const psi = { warning: settings.psi_warning, critical: settings.psi_critical };
  it.each([
    [0.01, 0.1, "warning"],
    [0.01, 0.25, "critical"],
    [0.01, 0.249, "warning"],
    [0.01, 0.099, "none"],
    [0.0101, 5, "none"],
    [0, Number.POSITIVE_INFINITY, "critical"],
  ])("of an adjusted p-value of %s and a size of %s is %s", (pAdjusted, size, expected) => {
    expect(exceedance(pAdjusted, size, psi, settings)).toBe(expected);
  });
});

describe("a verdict", () => {
  it.each<[Severity[], Severity]>([
    [["warning"], "none"],
    [["warning", "warning"], "warning"],
    [["warning", "none", "warning"], "warning"],
    [["warning", "none", "none", "warning"], "none"],
    [["warning", "warning", "none"], "none"],
    [["critical", "critical"], "critical"],
    [["critical", "warning"], "warning"],
    [["warning", "critical"], "warning"],
    [["critical", "warning", "critical"], "critical"],
    [["none", "critical"], "none"],
  ])("of exceedances %s is %s", (exceedances, expected) => {
    expect(last(...exceedances).drifted).toBe(expected);
  });

  it("is the level that at least two of the last three windows reach, this one included", () => {
    fc.assert(
      fc.property(fc.array(severity, { minLength: 1, maxLength: 12 }), (exceedances) => {
        follow(exceedances).forEach(({ exceeds, drifted }, index) => {
          const three = exceedances.slice(Math.max(0, index - 2), index + 1);
          const reached = LEVELS.filter(
            (level) =>
              level !== "none" &&
              levelOf(exceeds) >= levelOf(level) &&
              three.filter((one) => levelOf(one) >= levelOf(level)).length >= 2,
          );
          expect(drifted).toBe(reached.at(-1) ?? "none");
        });
      }),
    );
  });

  it("dates back to the first window of the exceedances that lead up to it, with one quiet window between two at most", () => {
    expect(last("warning").since).toBe("0");
    expect(last("warning", "none", "critical", "warning").since).toBe("0");
    expect(last("warning", "none", "none", "warning").since).toBe("3");
    expect(last("warning", "none").since).toBe(null);
    fc.assert(
      fc.property(fc.array(severity, { minLength: 1, maxLength: 12 }), (exceedances) => {
        follow(exceedances).forEach(({ exceeds, since }, index) => {
          let first = index;
          for (let at = index; at >= 0 && first - at <= 2; at--) if (exceedances[at] !== "none") first = at;
          expect(since).toBe(exceeds === "none" ? null : String(first));
        });
      }),
    );
  });

  it("takes a window before it that knew nothing of the feature for a quiet one", () => {
    expect(movement("warning", [undefined, { exceeds: "warning", since: "0" }], "2")).toEqual({
      exceeds: "warning",
      drifted: "warning",
      since: "0",
    });
    expect(movement("critical", [], "0")).toEqual({ exceeds: "critical", drifted: "none", since: "0" });
  });
});

describe("the worst of severities", () => {
  it("is the highest, and none of none", () => {
    expect(worst([])).toBe("none");
    expect(worst(["warning", "none"])).toBe("warning");
    expect(worst(["warning", "critical", "none"])).toBe("critical");
  });
});
