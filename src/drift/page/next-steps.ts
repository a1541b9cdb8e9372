import type { DriftReport } from "../../contracts/drift-report.ts";
import { ownerOf, WATCHES } from "./owner.ts";
import { isExceedanceAlone, ranked } from "./ranking.ts";

/** What to do, who does it, and what for: features, scores, decisions. */
export type NextStep = { readonly who: string | null; readonly step: string; readonly of: readonly string[] };

/** Each advice of the findings once, in their order; then what to keep an eye on. */
export function nextSteps(report: DriftReport): NextStep[] {
  const steps: NextStep[] = [...Map.groupBy(report.findings, ({ next_step }) => next_step)].map(([step, same]) => ({
    who: ownerOf(same[0]!.kind),
    step,
    of: same.map(({ feature, kind }) => feature ?? kind.replaceAll("_", " ")),
  }));
  const watched = ranked(report).filter(isExceedanceAlone);
  if (watched.length > 0) {
    steps.push({ who: WATCHES, step: "See in the next window whether it lasts.", of: watched.map(({ name }) => name) });
  }
  return steps.length > 0 ? steps : [{ who: null, step: "Nothing needs to be done.", of: [] }];
}
