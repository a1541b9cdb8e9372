import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { ALL_CHANNELS, type DriftReport } from "../../src/contracts/drift-report.ts";
import type { Distribution, ReferenceProfile } from "../../src/contracts/reference-profile.ts";
import { judgeWindow } from "../../src/drift/judge-window.ts";
import { DEFAULT_SETTINGS } from "../../src/drift/settings.ts";
import { type DriftSubject, driftSubject } from "../../src/drift/subject.ts";
import { parseManifest } from "../../src/models/manifest.ts";
import { type NumberSlots, SCORE_QUANTUM } from "../../src/statistics/observation-layout.ts";

const BUNDLE = join(resolve(import.meta.dirname, "../.."), "models/lendingclub");
const FIRST_START = Date.UTC(2026, 0, 1);
const DAY_MS = 86_400_000;
const MEAN_SCORE = 0.15;

/** The shipped model with its reference. */
export function shippedSubject(): DriftSubject {
  const manifest = parseManifest(readFileSync(join(BUNDLE, "manifest.json"), "utf8"), "manifest.json");
  const reference = JSON.parse(readFileSync(join(BUNDLE, "reference.json"), "utf8")) as ReferenceProfile;
  const model = { name: manifest.name, version: manifest.version, bundle_sha256: "a".repeat(64) };
  return driftSubject(1, model, manifest, reference, DEFAULT_SETTINGS);
}

export type DayOfTraffic = {
  readonly applications: number;
  /** Feature → shares of its bins or categories; the reference's for all others. */
  readonly shares?: Readonly<Record<string, readonly number[]>>;
  /** Feature → share missing, none of it out of range or unseen; the reference's for all others. */
  readonly missing?: Readonly<Record<string, number>>;
  /** Feature → share of a wrong type, beside the applications. */
  readonly typeErrors?: Readonly<Record<string, number>>;
  readonly provisional?: boolean;
};

/** Judges days from 2026-01-01 on, one window each; fewer than 500 applications are too few. */
export function judgeDays(
  subject: DriftSubject,
  days: readonly DayOfTraffic[],
  channel: string = ALL_CHANNELS,
): DriftReport[] {
  const reports: DriftReport[] = [];
  days.forEach((day, index) => {
    const start = FIRST_START + index * DAY_MS;
    const previous = reports.filter(({ status }) => status === "judged");
    reports.push(
      judgeWindow(subject, {
        channel,
        start,
        end: start + DAY_MS,
        status: day.applications < 500 ? "insufficient" : "judged",
        provisional: day.provisional ?? false,
        counts: countsOf(subject, day),
        byChannel: new Map(),
        previous: previous.slice(-2).reverse(),
      }),
    );
  });
  return reports;
}

/** Counts as such a day would leave them, without the noise of chance. */
function countsOf({ layout, reference }: DriftSubject, day: DayOfTraffic): Float64Array {
  const { applications } = day;
  const counts = new Float64Array(layout.width);
  counts[layout.applications] = applications;
  const { approve = 0, refer = 0, decline = 0 } = reference.decisions ?? {};
  const all = approve + refer + decline;
  counts[layout.decisions.approve] = Math.round((applications * approve) / all);
  counts[layout.decisions.refer] = Math.round((applications * refer) / all);
  counts[layout.decisions.decline] = Math.round((applications * decline) / all);
  if (layout.score !== undefined && reference.score !== null) {
    fill(counts, layout.score, reference.score, applications, sharesOf(reference.score.counts));
  }
  layout.features.forEach((slots, index) => {
    const profile = reference.features[index]!;
    const missing = Math.round(applications * (day.missing?.[slots.name] ?? profile.missing / reference.n));
    counts[slots.missing] = missing;
    counts[slots.typeErrors] = Math.round(applications * (day.typeErrors?.[slots.name] ?? 0));
    const shares = day.shares?.[slots.name] ?? sharesOf(profile.counts);
    if (slots.type === "numeric" && profile.type === "numeric") {
      fill(counts, slots, profile, applications - missing, shares);
    } else {
      for (const [bin, share] of shares.entries()) {
        counts[slots.counts + bin] = Math.round((applications - missing) * share);
      }
    }
    for (let bin = 0; bin < slots.bins; bin++) {
      counts[slots.scores + bin] = Math.round((counts[slots.counts + bin]! * MEAN_SCORE) / SCORE_QUANTUM);
    }
  });
  return counts;
}

function fill(
  counts: Float64Array,
  slots: NumberSlots,
  profile: Distribution,
  n: number,
  shares: readonly number[],
): void {
  for (const [bin, share] of shares.entries()) {
    const own = Math.round(n * share);
    const mean = profile.counts[bin]! > 0 ? profile.sums[bin]! / profile.counts[bin]! : 0;
    counts[slots.counts + bin] = own;
    counts[slots.sums + bin] = Math.round((own * mean) / slots.quantum);
  }
}

function sharesOf(counts: readonly number[]): number[] {
  const total = counts.reduce((a, b) => a + b, 0);
  return counts.map((count) => count / total);
}
