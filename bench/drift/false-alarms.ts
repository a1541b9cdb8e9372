import { judgeCells } from "../../src/drift/from-record.ts";
import { createObserver } from "../../src/statistics/observe.ts";
import { timeGrid } from "../../src/statistics/panes.ts";
import type { Member, Populations } from "./population.ts";
import type { Random } from "./random.ts";
import { type Calls, callsOf, judgeSequence } from "./rules.ts";

export type FalseAlarms = {
  readonly windows: string;
  readonly applications: number;
  readonly judged: number;
  /** Share of the windows in which something was called that isn't there. */
  readonly shares: Readonly<Record<keyof Calls, number>>;
};

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** Windows drawn at random from the reference period, judged one after the other: nothing has drifted in any of them. */
export function resampledWindows(
  { subject, reference }: Populations,
  n: number,
  windows: number,
  random: Random,
): FalseAlarms {
  function* draws(): Iterable<Member[]> {
    for (let window = 0; window < windows; window++) {
      yield Array.from({ length: n }, () => reference[Math.floor(random() * reference.length)]!);
    }
  }
  return sharesOf("resampled", n, judgeSequence(subject, draws()).map(callsOf));
}

/**
 * The same as a stream: traffic that swells and ebbs through the day, with who applies at night differing from who applies by
 * day, through panes and windows as the consumer has them.
 */
export function dailyStream(
  { subject, reference }: Populations,
  perDay: number,
  days: number,
  hasMix: boolean,
  random: Random,
): FalseAlarms {
  const grid = timeGrid(0, DAY_MS);
  const observation = createObserver(subject.manifest.features, subject.layout, grid)();
  const incomes = reference.map(({ decided }) => Number(decided.features.annual_income));
  const median = incomes.toSorted((a, b) => a - b)[incomes.length >> 1]!;
  for (let day = 0; day < days; day++) {
    for (let i = 0; i < perDay; i++) {
      const index = Math.floor(random() * reference.length);
      const { decided } = reference[index]!;
      const submittedAt = day * DAY_MS + hourOf(hasMix && incomes[index]! < median, random) * HOUR_MS;
      observation.decision({ ...decided, submittedAt, receivedAt: submittedAt });
    }
  }
  const rules = { grid, minSamples: 500 };
  const reports = judgeCells(subject, "*", observation.cells(), rules, Number.POSITIVE_INFINITY);
  return sharesOf(hasMix ? "daily, mixed" : "daily", perDay, reports.map(callsOf));
}

/** Most apply in the afternoon, hardly anybody before dawn; night people twelve hours later. */
function hourOf(isNightly: boolean, random: Random): number {
  for (;;) {
    const hour = random() * 24;
    const peak = isNightly ? 3 : 15;
    if (random() < (1 + Math.cos(((hour - peak) / 12) * Math.PI)) / 2) return hour;
  }
}

function sharesOf(windows: string, applications: number, calls: readonly Calls[]): FalseAlarms {
  const share = (name: keyof Calls) => calls.filter((call) => call[name]).length / calls.length;
  const names = ["ours", "score", "approvalRate", "severity", "pValue", "psi"] as const;
  const shares = Object.fromEntries(names.map((name) => [name, share(name)])) as FalseAlarms["shares"];
  return { windows, applications, judged: calls.length, shares };
}
