import { defineConfig } from "vitest/config";

/** The faults at full scale take an hour; by default they run at about a twentieth of it. */
const isFull = process.env.FAULTS === "full";

/** Set by scripts/coverage.ts: where what the tests start writes what it ran. Processes read it when they start. */
const { COVERAGE_OF_PROCESSES } = process.env;
const ENV = COVERAGE_OF_PROCESSES === undefined ? {} : { NODE_V8_COVERAGE: COVERAGE_OF_PROCESSES };

const SERVER_TESTS = { globalSetup: ["test/support/shared-postgres.ts"], hookTimeout: 60_000 };

export default defineConfig({
  test: {
    passWithNoTests: false,
    coverage: { provider: "v8", include: ["src/**/*.ts"], reporter: ["json"], reportOnFailure: true },
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/unit/**/*.test.ts"],
          env: ENV,
          testTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: "integration",
          include: ["test/integration/**/*.test.ts"],
          env: ENV,
          ...SERVER_TESTS,
          testTimeout: 60_000,
          // Each file has servers and scorers of its own. Three at a time keep two cores busy while one waits for time to pass.
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: "faults",
          include: ["test/faults/**/*.test.ts"],
          ...SERVER_TESTS,
          testTimeout: isFull ? 3_600_000 : 180_000,
          maxWorkers: isFull ? 1 : 3,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
