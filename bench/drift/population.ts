import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { ROOT } from "../../src/app/environment.ts";
import type { ApplicationEvent } from "../../src/contracts/application.ts";
import { settingsWith } from "../../src/drift/settings.ts";
import { type DriftSubject, driftSubject } from "../../src/drift/subject.ts";
import { readBundle } from "../../src/models/bundle.ts";
import { createEncoder } from "../../src/models/encode.ts";
import { decide } from "../../src/models/policy.ts";
import { openSession } from "../../src/models/session.ts";
import { createObserver, type ObservedDecision } from "../../src/statistics/observe.ts";
import { timeGrid } from "../../src/statistics/panes.ts";

const SHARED = join(ROOT, "../shared");
const TRAINED_BEFORE = "2010-07-01";

/** A decided application with what it adds to a window's counts. */
export type Member = {
  readonly decided: ObservedDecision;
  readonly slots: readonly number[];
  readonly values: readonly number[];
};

export type Populations = {
  readonly subject: DriftSubject;
  /** Of the reference period, with their out-of-fold scores. */
  readonly reference: readonly Member[];
  /** Everything after it, scored by the model. */
  readonly later: readonly Member[];
};

/** Reads the loan book beside the repository. @throws Error that names what is missing. */
export async function readPopulations(): Promise<Populations> {
  const bundle = await readBundle(join(ROOT, "models/lendingclub"));
  const { manifest, reference } = bundle;
  const model = { name: manifest.name, version: manifest.version, bundle_sha256: bundle.sha256 };
  const subject = driftSubject(1, model, manifest, reference, settingsWith({}));
  const applications = lines("data/lendingclub-applications.jsonl.gz").map(
    (line) => JSON.parse(line) as ApplicationEvent,
  );
  const trained = applications.filter(({ submitted_at }) => submitted_at < TRAINED_BEFORE);
  const outOfFold = new Map(
    lines("models/lendingclub-out-of-fold.csv.gz")
      .slice(1)
      .map((line) => line.split(","))
      .map(([id, score]) => [id!, Number(score)]),
  );
  const later = applications.slice(trained.length);
  const session = await openSession(bundle.modelFile, manifest);
  const encoder = createEncoder(manifest.features);
  const tensor = new Float32Array(later.length * encoder.width);
  for (const [row, { features }] of later.entries()) encoder.encode(features, tensor, row, () => {});
  const scores = await session.run(tensor, later.length);
  await session.release();

  const observation = createObserver(manifest.features, subject.layout, timeGrid(0, 24 * 3_600_000));
  const policy = { version: "1", ...manifest.policy };
  const member = ({ submitted_at, features }: ApplicationEvent, score: number): Member => {
    const submittedAt = Date.parse(submitted_at);
    const decided: ObservedDecision = {
      ...{ channel: "web", submittedAt, receivedAt: submittedAt, features, score },
      decision: decide(policy, score),
    };
    const one = observation();
    one.decision(decided);
    const { slots, values } = one.cells()[0]!;
    return { decided, slots, values };
  };
  return {
    subject,
    reference: trained.map((application) => member(application, outOfFold.get(application.application_id)!)),
    later: later.map((application, row) => member(application, scores[row]!)),
  };
}

/** The lines of a gzipped file beside the repository. */
function lines(file: string): string[] {
  const path = join(SHARED, file);
  try {
    return gunzipSync(readFileSync(path)).toString().trimEnd().split("\n");
  } catch (error) {
    throw new Error(`the drift benchmark needs real loans: cannot read ${path}`, { cause: error });
  }
}
