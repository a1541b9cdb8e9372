import { basename } from "node:path";
import type { ApplicationEvent } from "../contracts/application.ts";
import { equalContent } from "../contracts/content.ts";
import type { ReferenceProfile } from "../contracts/reference-profile.ts";
import type { Mapping } from "../ingest/csv-mapping.ts";
import { applicationEvents, OUTCOME_EVENTS } from "../ingest/event-kind.ts";
import { readEvents } from "../ingest/read-events.ts";
import { SCORE_LINES, type ScoreLine } from "../ingest/score-lines.ts";
import type { Manifest } from "../models/manifest.ts";
import { typicalValuesOf } from "../models/typical-values.ts";
import { OperatorError } from "../platform/errors.ts";
import { buildReferenceProfile } from "../statistics/build-reference-profile.ts";
import { protectedGroups } from "../statistics/protected-groups.ts";

/** A time as it was given, for the profile's words, and as milliseconds since 1970. */
export type Moment = { readonly text: string; readonly instant: number };

export type ReferenceFiles = {
  readonly applications: string;
  readonly outcomes: string | undefined;
  readonly scores: string | undefined;
  /** Whether each score is from a model that hadn't seen the application. */
  readonly outOfFold: boolean;
  /** Applications submitted from then on, and before then; all of them without. */
  readonly from: Moment | undefined;
  readonly to: Moment | undefined;
  readonly mapping: Mapping | undefined;
};

/** A group that this many values stand beside is a person, not a group. */
const MOST_GROUPS = 50;

/**
 * Builds the reference profile of a model from files of applications and, where there are, of their outcomes and scores. The
 * same files give the same profile.
 * @throws OperatorError that names the file, and the line where one is at fault.
 */
export async function buildReference(
  manifest: Manifest,
  files: ReferenceFiles,
  signal: AbortSignal,
): Promise<ReferenceProfile> {
  const applications = await readApplications(manifest, files, signal);
  const scores = files.scores === undefined ? undefined : await readScores(files.scores, signal);
  const outcomes = files.outcomes === undefined ? undefined : await readOutcomes(files.outcomes, files.mapping, signal);
  const groups = applications.map((application) => protectedGroups(application.protected));
  requireGroups(groups);
  const profile = buildReferenceProfile({
    model: manifest,
    features: manifest.features,
    applications,
    scores: scores && scoresOf(applications, scores, files),
    defaulted: outcomes && applications.map(({ application_id }) => outcomes.get(application_id)),
    groups: groups.some((group) => Object.keys(group).length > 0) ? groups : undefined,
    thresholds: manifest.policy,
    sources: sourcesOf(files),
  });
  // A feature that nobody has a value of would make a bundle that no scorer takes.
  typicalValuesOf(profile, manifest.features, files.applications);
  return profile;
}

/** In the file's order; a repetition of an application counts once. */
async function readApplications(
  manifest: Manifest,
  { applications: file, from, to, mapping }: ReferenceFiles,
  signal: AbortSignal,
): Promise<ApplicationEvent[]> {
  const first = new Map<string, { readonly event: ApplicationEvent; readonly line: number }>();
  for (const { event, line } of await readEvents<ApplicationEvent>(
    file,
    applicationEvents(manifest),
    mapping,
    signal,
  )) {
    const known = first.get(event.application_id);
    if (known === undefined) first.set(event.application_id, { event, line });
    else if (!equalContent(known.event, event)) {
      throw new OperatorError(`${file}:${line}: the application has the id of line ${known.line} and other content.`);
    }
  }
  const wanted = [...first.values()].flatMap(({ event }) => {
    const instant = Date.parse(event.submitted_at);
    return instant >= (from?.instant ?? -Infinity) && instant < (to?.instant ?? Infinity) ? event : [];
  });
  if (wanted.length > 0) return wanted;
  throw new OperatorError(`none of the ${first.size} applications of ${file} was ${periodText(from, to)}.`);
}

/** Defaulted or not, by application id; of several outcomes the one observed last, of those the last one in the file. */
async function readOutcomes(
  file: string,
  mapping: Mapping | undefined,
  signal: AbortSignal,
): Promise<Map<string, boolean>> {
  type Outcome = { readonly application_id: string; readonly observed_at: string; readonly defaulted: boolean };
  const outcomes = (await readEvents<Outcome>(file, OUTCOME_EVENTS, mapping, signal)).map(({ event }) => event);
  outcomes.sort((a, b) => Date.parse(a.observed_at) - Date.parse(b.observed_at));
  return new Map(outcomes.map(({ application_id, defaulted }) => [application_id, defaulted]));
}

async function readScores(file: string, signal: AbortSignal): Promise<Map<string, number>> {
  const scores = new Map<string, number>();
  for (const { event, line } of await readEvents<ScoreLine>(file, SCORE_LINES, undefined, signal)) {
    const known = scores.get(event.application_id);
    if (known !== undefined && known !== event.score) {
      throw new OperatorError(`${file}:${line}: the application has another score further up.`);
    }
    scores.set(event.application_id, event.score);
  }
  return scores;
}

function scoresOf(
  applications: readonly ApplicationEvent[],
  scores: ReadonlyMap<string, number>,
  files: ReferenceFiles,
): number[] {
  const without = applications.filter(({ application_id }) => !scores.has(application_id));
  if (without.length > 0) {
    throw new OperatorError(
      `${files.scores} has no score for ${without.length} of ${applications.length} applications of ${files.applications}, ${without[0]!.application_id} the first of them.`,
    );
  }
  return applications.map(({ application_id }) => scores.get(application_id)!);
}

function requireGroups(groups: readonly Readonly<Record<string, string>>[]): void {
  const names = new Map<string, Set<string>>();
  for (const [attribute, name] of groups.flatMap((labels) => Object.entries(labels))) {
    const known = names.get(attribute) ?? new Set();
    names.set(attribute, known.add(name));
    if (known.size > MOST_GROUPS) {
      throw new OperatorError(
        `the protected attribute ${attribute} has more than ${MOST_GROUPS} different values. Group them first, or leave it out.`,
      );
    }
  }
}

function sourcesOf({ applications, outcomes, scores, outOfFold, from, to }: ReferenceFiles): Record<string, string> {
  const period = from || to ? `, ${periodText(from, to)}` : "";
  const kind = outOfFold ? ": out of fold, each from a model that had not seen the application" : "";
  return {
    applications: `${basename(applications)}${period}`,
    ...(outcomes !== undefined && { outcomes: basename(outcomes) }),
    ...(scores !== undefined && { scores: `${basename(scores)}${kind}` }),
  };
}

function periodText(from: Moment | undefined, to: Moment | undefined): string {
  const parts = [...(from ? [`from ${from.text} on`] : []), ...(to ? [`before ${to.text}`] : [])];
  return `submitted ${parts.join(" and ")}`;
}
