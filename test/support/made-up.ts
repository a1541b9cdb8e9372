import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../src/app/environment.ts";
import type { ApplicationEvent } from "../../src/contracts/application.ts";
import { parseApplicantSummary } from "../../src/ingest/applicant-summary.ts";
import { createApplicants } from "../../src/ingest/applicants.ts";
import { LONGER_TERMS_UNVERIFIED_INCOME } from "../../src/ingest/population-shift.ts";
import { outgoing } from "./load.ts";
import type { Outgoing } from "./publish.ts";

export type MadeUp = {
  /** So many applications of the reference's population, evenly over the time from `from` up to and without `to`. */
  usual(count: number, from: number, to: number): ApplicationEvent[];
  /** The same of a population that has moved far. */
  shifted(count: number, from: number, to: number): ApplicationEvent[];
};

/** Makes up applicants like those that the shipped model knows; the same seed gives the same ones. */
export function createMadeUp(seed: number): MadeUp {
  const summary = parseApplicantSummary(readFileSync(join(ROOT, "models/lendingclub-applicants.json"), "utf8"));
  const applicants = createApplicants({ summary, seed, idPrefix: `M-${seed}` });
  const make = (shift?: typeof LONGER_TERMS_UNVERIFIED_INCOME) => (count: number, from: number, to: number) =>
    Array.from({ length: count }, (_, index) =>
      applicants.next(new Date(from + Math.floor(((to - from) * index) / count)), shift),
    );
  return { usual: make(), shifted: make(LONGER_TERMS_UNVERIFIED_INCOME) };
}

export function sentOn(channel: string, applications: readonly ApplicationEvent[]): Outgoing[] {
  return applications.map((application) => outgoing(channel, JSON.stringify(application)));
}
