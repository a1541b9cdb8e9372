import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import type { ApplicationEvent } from "../../src/contracts/application.ts";
import { ALL_CHANNELS, type DriftReport } from "../../src/contracts/drift-report.ts";
import type { ReferenceProfile } from "../../src/contracts/reference-profile.ts";
import { judgeWindow } from "../../src/drift/judge-window.ts";
import { DEFAULT_SETTINGS } from "../../src/drift/settings.ts";
import { driftSubject } from "../../src/drift/subject.ts";
import { closedWindows } from "../../src/drift/windows.ts";
import { readBundle } from "../../src/models/bundle.ts";
import { createEncoder } from "../../src/models/encode.ts";
import { decide } from "../../src/models/policy.ts";
import { openSession } from "../../src/models/session.ts";
import { addTo } from "../../src/statistics/observation-cells.ts";
import { createObserver } from "../../src/statistics/observe.ts";
import { timeGrid } from "../../src/statistics/panes.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const LOANS = join(ROOT, "../shared/data/lendingclub-applications.jsonl.gz");
const AFTER_TRAINING = Date.UTC(2010, 6, 1);
const DAY_MS = 86_400_000;
const BATCH = 512;

export const hasRealLoans = existsSync(LOANS);

export type JudgedLoans = { readonly reports: readonly DriftReport[]; readonly reference: ReferenceProfile };

/**
 * The 29,080 real applications after the shipped model's training, scored, counted and judged in windows of 30 days.
 * @param channelOf the channel that the n-th of them is said to have come from.
 */
export async function judgeRealLoans(channelOf: (index: number) => string): Promise<JudgedLoans> {
  const bundle = await readBundle(join(ROOT, "models/lendingclub"));
  const { manifest, reference, sha256 } = bundle;
  const model = { name: manifest.name, version: manifest.version, bundle_sha256: sha256 };
  const subject = driftSubject(1, model, manifest, reference, DEFAULT_SETTINGS);
  const loans = readLoans().filter(({ submitted_at }) => Date.parse(submitted_at) >= AFTER_TRAINING);
  const scores = await scoresOf(loans, bundle);

  const grid = timeGrid(AFTER_TRAINING, 30 * DAY_MS);
  const observation = createObserver(manifest.features, subject.layout, grid)();
  loans.forEach(({ submitted_at, features }, index) => {
    const submittedAt = Date.parse(submitted_at);
    const score = scores[index]!;
    const decision = decide(manifest.policy, score);
    observation.decision({
      channel: channelOf(index),
      submittedAt,
      receivedAt: submittedAt,
      features,
      score,
      decision,
    });
  });

  const cells = observation.cells();
  const counted = (start: number, end: number, channel?: string) => {
    const counts = new Float64Array(subject.layout.width);
    for (const cell of cells) {
      const isInside = cell.pane >= start && cell.pane < end;
      if (isInside && (channel === undefined || cell.channel === channel)) addTo(counts, cell);
    }
    return counts;
  };
  const panes = [...new Set(cells.map(({ pane }) => pane))].sort((a, b) => a - b);
  const sizes = panes.map((start) => ({
    start,
    applications: counted(start, start + grid.paneMs)[subject.layout.applications]!,
  }));
  const channels = [...new Set(cells.map(({ channel }) => channel))].sort();
  const reports: DriftReport[] = [];
  for (const window of closedWindows(sizes, { grid, minSamples: 500 }, -Infinity, Infinity)) {
    const { start, end } = window;
    const byChannel = new Map(channels.map((channel) => [channel, counted(start, end, channel)]));
    for (const channel of [ALL_CHANNELS, ...channels]) {
      const isAll = channel === ALL_CHANNELS;
      const counts = isAll ? counted(start, end) : byChannel.get(channel)!;
      const previous = reports.filter((report) => report.channel === channel && report.status === "judged");
      const enough = counts[subject.layout.applications]! >= 500;
      reports.push(
        judgeWindow(subject, {
          channel,
          start,
          end,
          status: enough ? "judged" : "insufficient",
          provisional: false,
          counts,
          byChannel: isAll ? byChannel : new Map(),
          previous: previous.slice(-2).reverse(),
        }),
      );
    }
  }
  return { reports, reference };
}

function readLoans(): ApplicationEvent[] {
  const lines = gunzipSync(readFileSync(LOANS)).toString().trim().split("\n");
  return lines.map((line) => JSON.parse(line) as ApplicationEvent);
}

async function scoresOf(
  loans: readonly ApplicationEvent[],
  { manifest, modelFile }: Awaited<ReturnType<typeof readBundle>>,
): Promise<number[]> {
  const session = await openSession(modelFile, manifest);
  const encoder = createEncoder(manifest.features);
  const scores: number[] = [];
  for (let from = 0; from < loans.length; from += BATCH) {
    const batch = loans.slice(from, from + BATCH);
    const tensor = new Float32Array(batch.length * encoder.width);
    batch.forEach(({ features }, row) => {
      encoder.encode(features, tensor, row, () => {});
    });
    scores.push(...(await session.run(tensor, batch.length)));
  }
  await session.release();
  return scores;
}
