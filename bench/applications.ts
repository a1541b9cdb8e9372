import { readFile, writeFile } from "node:fs/promises";
import { ROOT } from "../src/app/environment.ts";
import type { ApplicationEvent } from "../src/contracts/application.ts";
import { parseApplicantSummary } from "../src/ingest/applicant-summary.ts";
import { createApplicants } from "../src/ingest/applicants.ts";

/**
 * Application events without their ids, as JSON text from the comma after the id on. Thousands of them, used over and
 * over under fresh ids: making one from its distribution costs more than scoring it.
 */
export type Bodies = readonly string[];

const DIFFERENT = 10_000;
const SEED = 20_261_121;

/** Applications with the distributions and correlations of the LendingClub loan book. */
export async function lendingClubBodies(): Promise<Bodies> {
  const summary = parseApplicantSummary(await readFile(`${ROOT}models/lendingclub-applicants.json`, "utf8"));
  const applicants = createApplicants({ summary, seed: SEED, idPrefix: "bench" });
  const submittedAt = new Date("2026-01-31T12:00:00.000Z");
  return Array.from({ length: DIFFERENT }, () => bodyOf(applicants.next(submittedAt)));
}

export function bodyOf({ application_id, ...rest }: ApplicationEvent): string {
  return `,${JSON.stringify(rest).slice(1)}`;
}

/** The payload of the application with this number; its id is `<prefix>-<number>`. */
export function payloadOf(bodies: Bodies, prefix: string, number: number): Buffer {
  return Buffer.from(`{"application_id":"${prefix}-${number}"${bodies[number % bodies.length]}`);
}

export async function writeBodies(file: string, bodies: Bodies): Promise<void> {
  await writeFile(file, bodies.join("\n"));
}

export async function readBodies(file: string): Promise<Bodies> {
  return (await readFile(file, "utf8")).split("\n");
}
