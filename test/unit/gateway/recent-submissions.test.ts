import { describe, expect, it } from "vitest";
import { createRecentSubmissions } from "../../../src/gateway/applications/recent-submissions.ts";

describe("recent submissions", () => {
  it("are known with their content until a minute has passed", () => {
    let now = 0;
    const recent = createRecentSubmissions(() => now);
    expect(recent.claim("A", "one")).toEqual({ kind: "free" });
    expect(recent.claim("A", "one")).toEqual({ kind: "same", sequence: undefined });
    expect(recent.claim("A", "two")).toEqual({ kind: "other" });
    recent.stored("A", "two", 8);
    recent.stored("A", "one", 7);
    expect(recent.claim("A", "one")).toEqual({ kind: "same", sequence: 7 });
    now = 59_999;
    expect(recent.claim("A", "two")).toEqual({ kind: "other" });
    now = 60_000;
    expect(recent.claim("A", "two")).toEqual({ kind: "free" });
  });

  it("are given back when the broker refused them, and not when it has them", () => {
    const recent = createRecentSubmissions(() => 0);
    recent.claim("A", "one");
    recent.release("A", "two");
    expect(recent.claim("A", "two")).toEqual({ kind: "other" });
    recent.release("A", "one");
    expect(recent.claim("A", "two")).toEqual({ kind: "free" });
    recent.stored("A", "two", 1);
    recent.release("A", "two");
    expect(recent.claim("A", "one")).toEqual({ kind: "other" });
  });

  it("are forgotten oldest first when they are too many", () => {
    const recent = createRecentSubmissions(() => 0);
    for (let n = 0; n < 100_001; n++) recent.claim(String(n), "one");
    expect(recent.claim("100000", "two")).toEqual({ kind: "other" });
    expect(recent.claim("0", "two")).toEqual({ kind: "free" });
  });
});
