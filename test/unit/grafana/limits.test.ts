import { describe, expect, it } from "vitest";
import { stepsOf } from "../../../grafana/src/limits.ts";
import { COLOUR } from "../../../grafana/src/style.ts";

const { warning, critical } = COLOUR;

describe("stepsOf", () => {
  it("colours upwards from each limit, the worst first", () => {
    const limits = [
      { above: 0.7, level: "critical" },
      { above: 0.5, level: "warning" },
    ] as const;
    expect(stepsOf(limits, "calm")).toEqual([
      { value: null, color: "calm" },
      { value: 0.5, color: warning },
      { value: 0.7, color: critical },
    ]);
  });

  it("colours downwards below a limit", () => {
    const limits = [
      { below: 0.25, level: "warning" },
      { below: 0, level: "critical" },
    ] as const;
    expect(stepsOf(limits, "calm")).toEqual([
      { value: null, color: critical },
      { value: 0, color: warning },
      { value: 0.25, color: "calm" },
    ]);
  });

  it("colours on both sides of a limit that has two", () => {
    expect(stepsOf([{ beyond: 0.1, level: "warning" }], "calm")).toEqual([
      { value: null, color: warning },
      { value: -0.1, color: "calm" },
      { value: 0.1, color: warning },
    ]);
  });

  it("is calm everywhere without limits", () => {
    expect(stepsOf([], "calm")).toEqual([{ value: null, color: "calm" }]);
  });
});
