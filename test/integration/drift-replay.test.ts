import { expect, test } from "vitest";
import { featureSeverity } from "../../src/drift/judge-window.ts";
import { drained } from "../support/drain.ts";
import {
  finishDrift,
  MONTHLY,
  observationsTakenIn,
  onAllChannels,
  reportsAgain,
  storedReports,
  withoutRevisions,
} from "../support/drift-bed.ts";
import { outgoing } from "../support/load.ts";
import { applicationsAfterTraining, hasLoanBook, SHARED } from "../support/loan-book.ts";
import { publishAll } from "../support/publish.ts";
import { createTestBed } from "../support/test-bed.ts";

test("29,080 real applications in windows of 30 days: the drift that is there, streamed and from the record alike", async ({
  skip,
}) => {
  skip(!hasLoanBook, `${SHARED} isn't there: it holds the loan book`);
  const bed = await createTestBed(MONTHLY);
  await bed.createStreams();
  const scorers = [1, 2].map(() => bed.startScorer());
  const drift = bed.startDrift();
  await Promise.all([...scorers, drift].map((role) => role.ready()));
  await publishAll(
    bed.js,
    applicationsAfterTraining().map((line) => outgoing("web", line)),
  );
  await drained(bed);
  const scoredAt = performance.now();
  await observationsTakenIn(bed);
  await finishDrift(bed, MONTHLY);
  console.log(`reports ${Math.round(performance.now() - scoredAt)} ms after the last score`);

  const reports = await storedReports(bed);
  expect(withoutRevisions(reports)).toEqual(withoutRevisions(await reportsAgain(bed)));
  const all = onAllChannels(reports);
  expect(all.reduce((sum, { applications }) => sum + applications, 0)).toBe(29_080);

  const drifted = (index: number) =>
    all[index]!.features.filter((feature) => featureSeverity(feature) !== "none").map(({ name }) => name);
  // The first window that persistence allows is the second one.
  expect(drifted(0)).toEqual([]);
  expect(drifted(1)).toEqual(expect.arrayContaining(["income_verification", "term_months", "bankruptcies"]));
  const byMarch2011 = all.findIndex(({ window }) => window.end > "2011-03-31");
  expect(drifted(byMarch2011 - 1)).toContain("inquiries_6m");
  const ever = new Set(all.flatMap((_, index) => drifted(index)));
  for (const quiet of ["annual_income", "delinquencies_2y", "public_records"]) expect(ever).not.toContain(quiet);
  await bed.stopScorers();
});
