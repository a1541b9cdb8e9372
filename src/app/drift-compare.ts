import { readFile } from "node:fs/promises";
import type { ApplicationEvent } from "../contracts/application.ts";
import { ALL_CHANNELS, type DriftReport } from "../contracts/drift-report.ts";
import type { ReferenceProfile } from "../contracts/reference-profile.ts";
import { countsOf } from "../drift/counts.ts";
import { judgeWindow, type WindowToJudge } from "../drift/judge-window.ts";
import { settingsWith } from "../drift/settings.ts";
import { driftSubject } from "../drift/subject.ts";
import { applicationEvents } from "../ingest/event-kind.ts";
import { readEvents } from "../ingest/read-events.ts";
import { readBundle } from "../models/bundle.ts";
import { createEncoder } from "../models/encode.ts";
import type { Manifest } from "../models/manifest.ts";
import { parseReferenceProfile } from "../models/parse-reference-profile.ts";
import { decide } from "../models/policy.ts";
import { openSession, type Session } from "../models/session.ts";
import { OperatorError } from "../platform/errors.ts";
import { fileFault } from "../platform/file-fault.ts";
import { buildReferenceProfile } from "../statistics/build-reference-profile.ts";
import { observationLayout } from "../statistics/observation-layout.ts";
import { createObserver } from "../statistics/observe.ts";
import { timeGrid } from "../statistics/panes.ts";
import { protectedGroups } from "../statistics/protected-groups.ts";

/** Rows of a tensor at a time. */
const ROWS = 1_000;

/**
 * Compares the applications of one file with those of another, or with a reference profile (.json), both scored by the
 * bundle's model. A comparison of two files has no windows before it: what exceeds counts as drift.
 * With fewer than `minSamples` current applications the report is `insufficient`.
 * @throws OperatorError that names the file and the line at fault.
 */
export async function compareFiles(
  files: { readonly bundle: string; readonly reference: string; readonly current: string },
  minSamples: number,
  signal: AbortSignal,
): Promise<{ report: DriftReport; reference: ReferenceProfile }> {
  const bundle = await readBundle(files.bundle);
  const { manifest } = bundle;
  const session = await openSession(bundle.modelFile, manifest);
  try {
    const reference = files.reference.endsWith(".json")
      ? parseReferenceProfile(await text(files.reference), files.reference, manifest)
      : await profileOf(files.reference, manifest, session, signal);
    const { name, version } = manifest;
    const model = { name, version, bundle_sha256: bundle.sha256 };
    const subject = driftSubject(0, model, manifest, reference, settingsWith({}));
    const window = await windowOf(files.current, manifest, session, reference, minSamples, signal);
    const counted = { ...window, ...countsOf(subject, window.cells, false) };
    const alone = judgeWindow(subject, { ...counted, previous: [] });
    return { report: judgeWindow(subject, { ...counted, previous: [alone] }), reference };
  } finally {
    await session.release();
  }
}

async function profileOf(
  file: string,
  manifest: Manifest,
  session: Session,
  signal: AbortSignal,
): Promise<ReferenceProfile> {
  const applications = await readApplications(file, manifest, signal);
  return buildReferenceProfile({
    model: manifest,
    features: manifest.features,
    applications,
    scores: await scoresOf(applications, manifest, session),
    groups: applications.map((application) => protectedGroups(application.protected)),
    thresholds: manifest.policy,
    sources: { applications: file },
  });
}

async function windowOf(
  file: string,
  manifest: Manifest,
  session: Session,
  reference: ReferenceProfile,
  minSamples: number,
  signal: AbortSignal,
) {
  const applications = await readApplications(file, manifest, signal);
  const scores = await scoresOf(applications, manifest, session);
  const times = applications.map(({ submitted_at }) => Date.parse(submitted_at));
  const [start, end] = times.reduce(
    ([first, last], time) => [Math.min(first, time), Math.max(last, time + 1)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
  // One pane that holds them all.
  const grid = timeGrid(start, end - start);
  const observation = createObserver(manifest.features, observationLayout(reference), {
    ...grid,
    paneMs: grid.windowMs,
  })();
  const policy = { version: "", ...manifest.policy };
  for (const [index, { features, protected: groups }] of applications.entries()) {
    const [score, submittedAt] = [scores[index]!, times[index]!];
    const decision = decide(policy, score);
    observation.decision({
      channel: ALL_CHANNELS,
      submittedAt,
      receivedAt: submittedAt,
      features,
      protected: groups,
      score,
      decision,
    });
  }
  const window: Pick<WindowToJudge, "channel" | "start" | "end" | "status" | "provisional"> = {
    channel: ALL_CHANNELS,
    start,
    end,
    status: applications.length < minSamples ? "insufficient" : "judged",
    provisional: false,
  };
  return { ...window, cells: observation.cells() };
}

async function readApplications(file: string, manifest: Manifest, signal: AbortSignal): Promise<ApplicationEvent[]> {
  const events = await readEvents<ApplicationEvent>(file, applicationEvents(manifest), undefined, signal);
  return events.map(({ event }) => event);
}

async function scoresOf(
  applications: readonly ApplicationEvent[],
  { features }: Manifest,
  session: Session,
): Promise<number[]> {
  const encoder = createEncoder(features);
  const scores: number[] = [];
  for (let first = 0; first < applications.length; first += ROWS) {
    const rows = applications.slice(first, first + ROWS);
    const tensor = new Float32Array(rows.length * encoder.width);
    for (const [row, application] of rows.entries()) encoder.encode(application.features, tensor, row, () => {});
    scores.push(...(await session.run(tensor, rows.length)));
  }
  return scores;
}

async function text(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new OperatorError(`cannot read ${file}: ${fileFault(error)}`, { cause: error });
  }
}
