import { describe, expect, it } from "vitest";
import { settingsWith } from "../../../src/drift/settings.ts";

describe("the settings of drift", () => {
  it("are the limits of the literature unless changed", () => {
    expect(settingsWith({})).toMatchObject({
      p_value: 0.01,
      psi_warning: 0.1,
      psi_critical: 0.25,
      rate_warning: 0.05,
      drift_score_warning: 0.5,
      drift_score_critical: 0.7,
      drifted_ratio_warning: 0.3,
      important_feature: 0.05,
    });
  });

  it("take what differs and keep the rest", () => {
    const usual = settingsWith({});
    expect(settingsWith({ psi_warning: 0.2, p_value: 0 })).toEqual({ ...usual, psi_warning: 0.2, p_value: 0 });
    expect(settingsWith({})).toEqual(usual);
  });

  it("have no upper limit of PSI, which has none itself", () => {
    expect(settingsWith({ psi_critical: 2.5 }).psi_critical).toBe(2.5);
  });

  it.each([
    [{ psi_warnign: 0.2 }, /psi_warnign does not exist; there are p_value, psi_warning, /],
    [{ toString: 1 }, /toString does not exist/],
    [{ p_value: 1.1 }, /p_value must be a number from 0 to 1/],
    [{ p_value: -0.1 }, /p_value must be a number from 0 to 1/],
    [{ rate_warning: Number.NaN }, /rate_warning must be a number from 0 to 1/],
    [{ psi_warning: "0.2" }, /psi_warning must be a number from 0$/],
    [{ psi_warning: null }, /psi_warning must be a number/],
    [{ psi_warning: Number.POSITIVE_INFINITY }, /psi_warning must be a number/],
  ])("refuse %j", (changes, message) => {
    expect(() => settingsWith(changes)).toThrow(message);
    expect(() => settingsWith(changes)).toThrow(RangeError);
  });
});
