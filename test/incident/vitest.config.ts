import { defineConfig } from "vitest/config";

/** `npm run incident`; too long for every test run. */
export default defineConfig({
  test: {
    include: ["test/incident/*.test.ts"],
    testTimeout: 1_200_000,
    hookTimeout: 60_000,
  },
});
