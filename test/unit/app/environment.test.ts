import { afterEach, expect, test, vi } from "vitest";
import { readEnvironment } from "../../../src/app/environment.ts";

afterEach(() => vi.unstubAllEnvs());

test("the record of applications outlives the events and dead letters that they may come again from", () => {
  vi.stubEnv("RETENTION_APPLICATIONS", "90d");
  expect(readEnvironment().RETENTION_APPLICATIONS).toBe(90 * 86_400_000);
  vi.stubEnv("SCORES_MAX_AGE", "91d");
  vi.stubEnv("DEADLETTERS_MAX_AGE", "90d");
  expect(readEnvironment).toThrow(
    "RETENTION_APPLICATIONS must be longer than SCORES_MAX_AGE; RETENTION_APPLICATIONS must be longer than DEADLETTERS_MAX_AGE",
  );
});
