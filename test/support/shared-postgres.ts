import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { chooseSeed } from "./seed.ts";
import { startTestPostgres } from "./test-postgres.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Address of the migrated template database on the server that all files of a run share. */
    readonly templateUrl: string;
    readonly seed: number;
  }
}

/** Runs once per project: one PostgreSQL with a migrated database, which each test clones; and the run's seed. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const seed = chooseSeed();
  console.log(`${project.name}: random choices follow from seed ${seed}; FAULT_SEED=${seed} repeats them`);
  const home = await mkdtemp(join(tmpdir(), "plumbline-shared-"));
  const postgres = await startTestPostgres(home);
  project.provide("templateUrl", postgres.url);
  project.provide("seed", seed);
  return async () => {
    await postgres.stop();
    await rm(home, { recursive: true, force: true });
  };
}
