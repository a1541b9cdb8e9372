import type { FeatureValue } from "../contracts/application.ts";

/** Lower ends of the age groups, in years; 62 is where the Equal Credit Opportunity Act calls an applicant elderly. */
const AGES = [25, 35, 45, 55, 62] as const;

/**
 * The group of an applicant per protected attribute: { sex: "female", age: 34 } is in { sex: "female", age: "25-34" }. Ages in
 * years are grouped, whatever else there is counts as its own group. Attributes without a value are left out.
 */
export function protectedGroups(
  attributes: Readonly<Record<string, FeatureValue>> | null | undefined,
): Record<string, string> {
  const groups: Record<string, string> = {};
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null) continue;
    groups[name] = name === "age" && typeof value === "number" ? ageGroup(value) : String(value);
  }
  return groups;
}

function ageGroup(age: number): string {
  const above = AGES.findIndex((end) => age < end);
  if (above === 0) return `under ${AGES[0]}`;
  if (above === -1) return `${AGES.at(-1)} and over`;
  return `${AGES[above - 1]}-${AGES[above]! - 1}`;
}
