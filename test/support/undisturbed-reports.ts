import { join } from "node:path";
import { ROOT } from "../../src/app/environment.ts";
import type { ApplicationEvent } from "../../src/contracts/application.ts";
import { ALL_CHANNELS, type DriftReport } from "../../src/contracts/drift-report.ts";
import { judgeCells } from "../../src/drift/from-record.ts";
import { settingsWith } from "../../src/drift/settings.ts";
import { driftSubject } from "../../src/drift/subject.ts";
import { readBundle } from "../../src/models/bundle.ts";
import { decide } from "../../src/models/policy.ts";
import { createObserver } from "../../src/statistics/observe.ts";
import { scoreApplications } from "../unit/statistics/score-applications.ts";
import type { DriftRules } from "./drift-bed.ts";

/** The reports that applications of one channel give where nothing goes wrong: made without a server. */
export async function undisturbedReports(
  applications: readonly ApplicationEvent[],
  channel: string,
  { grid, minSamples }: DriftRules,
): Promise<DriftReport[]> {
  const { manifest, reference, sha256 } = await readBundle(join(ROOT, "models/lendingclub"));
  const model = { name: manifest.name, version: manifest.version, bundle_sha256: sha256 };
  const subject = driftSubject(1, model, manifest, reference, settingsWith({}));
  const scores = await scoreApplications(manifest, applications);
  const observation = createObserver(manifest.features, subject.layout, grid)();
  applications.forEach(({ submitted_at, features, protected: groups }, index) => {
    const submittedAt = Date.parse(submitted_at);
    const score = scores[index]!;
    const decision = decide(manifest.policy, score);
    const receivedAt = submittedAt;
    observation.decision({ channel, submittedAt, receivedAt, features, protected: groups, score, decision });
  });
  const cells = observation.cells();
  return [ALL_CHANNELS, channel].flatMap((of) =>
    judgeCells(subject, of, cells, { grid, minSamples }, Number.POSITIVE_INFINITY),
  );
}
