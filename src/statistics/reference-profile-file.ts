import {
  type Distribution,
  type FeatureProfile,
  REFERENCE_FORMAT,
  REFERENCE_FORMAT_VERSION,
  type ReferenceProfile,
} from "./reference-profile.ts";

/** The text of a profile: JSON with one member, and one feature, per line, so that two profiles can be compared by eye. */
export function formatReferenceProfile(profile: ReferenceProfile): string {
  const members = Object.entries(profile).map(([key, value]) => {
    const text = key === "features" ? `[\n${profile.features.map(lineOf).join(",\n")}\n  ]` : JSON.stringify(value);
    return `  ${JSON.stringify(key)}: ${text}`;
  });
  return `{\n${members.join(",\n")}\n}\n`;
}

function lineOf(feature: FeatureProfile): string {
  return `    ${JSON.stringify(feature)}`;
}

/**
 * Reads a profile and checks what statistics rely on: the format, edges that ascend, and counts that fit them.
 * @throws TypeError whose message is a clause ("feature dti has …") that the caller completes with the file's name.
 */
export function parseReferenceProfile(text: string): ReferenceProfile {
  const profile: unknown = JSON.parse(text);
  if (!isRecord(profile) || profile.format !== REFERENCE_FORMAT) {
    throw new TypeError(`the format is not ${REFERENCE_FORMAT}`);
  }
  if (profile.format_version !== REFERENCE_FORMAT_VERSION) {
    throw new TypeError(`the format version is not ${REFERENCE_FORMAT_VERSION}`);
  }
  if (!isCount(profile.n) || !Array.isArray(profile.features))
    throw new TypeError("n or the list of features is missing");
  for (const feature of profile.features) requireFeature(feature, profile.n);
  if (profile.score !== null) requireDistribution(profile.score, "the score");
  return profile as ReferenceProfile;
}

function requireFeature(feature: unknown, applications: number): void {
  if (!isRecord(feature) || typeof feature.name !== "string") throw new TypeError("a feature has no name");
  const subject = `feature ${feature.name}`;
  if (feature.type === "numeric") requireDistribution(feature, subject);
  else if (feature.type === "categorical") requireCategories(feature, subject);
  else throw new TypeError(`${subject} is neither numeric nor categorical`);
  if (!isCount(feature.missing) || (feature.n as number) + feature.missing !== applications) {
    throw new TypeError(`${subject} has a value or none in another number of applications than n`);
  }
}

function requireDistribution(value: unknown, subject: string): void {
  const { edges, group_edges, counts, sums, n } = (isRecord(value) ? value : {}) as Partial<Distribution>;
  if (!isAscending(edges) || !isAscending(group_edges)) throw new TypeError(`${subject} has edges that do not ascend`);
  if (!group_edges.every((edge) => edges.includes(edge))) {
    throw new TypeError(`${subject} has a group edge that is not an edge`);
  }
  requireCounts(counts, edges.length + 1, n, subject);
  if (!Array.isArray(sums) || sums.length !== counts!.length || !sums.every(Number.isFinite)) {
    throw new TypeError(`${subject} does not have one sum per bin`);
  }
}

function requireCategories({ categories, counts, n }: Record<string, unknown>, subject: string): void {
  if (!Array.isArray(categories)) throw new TypeError(`${subject} has no categories`);
  requireCounts(counts, categories.length, n, subject);
}

function requireCounts(counts: unknown, length: number, n: unknown, subject: string): void {
  if (!Array.isArray(counts) || counts.length !== length || !counts.every(isCount)) {
    throw new TypeError(`${subject} does not have ${length} counts`);
  }
  if (counts.reduce((sum, count) => sum + count, 0) !== n)
    throw new TypeError(`${subject} has counts that do not add up to n`);
}

function isAscending(edges: unknown): edges is number[] {
  return Array.isArray(edges) && edges.every((edge, i) => Number.isFinite(edge) && (i === 0 || edge > edges[i - 1]));
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
