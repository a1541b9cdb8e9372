import type { FeatureProfile, ReferenceProfile } from "../contracts/reference-profile.ts";

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
