import { afterEach, expect, test, vi } from "vitest";
import { childEnvironment, readEnvironment } from "../../../src/app/environment.ts";

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

test("what we tell a process ourselves, it doesn't read from a file as well", () => {
  vi.stubEnv("DATABASE_URL_FILE", "/run/secrets/owner");
  vi.stubEnv("NATS_URL_FILE", "/run/secrets/nats");
  const child = childEnvironment({ DATABASE_URL: "postgres://scorer@host/plumbline" });
  expect(child).toMatchObject({ DATABASE_URL: "postgres://scorer@host/plumbline", NATS_URL_FILE: "/run/secrets/nats" });
  expect(child).not.toHaveProperty("DATABASE_URL_FILE");
});
