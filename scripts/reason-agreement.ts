/**
 * How far the substitution reasons agree with exact SHAP values, on rows with known SHAP contributions:
 *
 *   $(bin/node-new-enough) scripts/reason-agreement.ts ../shared/golden/tree-shap.json
 *
 * Prints the figures of docs/reasons.md.
 */
import { readFile } from "node:fs/promises";
import { readBundle } from "../src/models/bundle.ts";
import { decide } from "../src/models/policy.ts";
import { substitutionContributions } from "../src/models/reasons.ts";
import { openSession } from "../src/models/session.ts";

/** Rows as the model's input (null = missing); contributions per feature in log-odds, the bias last. */
type GoldenShap = {
  readonly x: readonly (readonly (number | null)[])[];
  readonly contributions: readonly (readonly number[])[];
};

export type Agreement = {
  readonly rows: number;
  /** Share of rows whose largest adverse contribution is the same feature's. */
  readonly sameTopReason: number;
  /** Mean share of SHAP's (up to four) adverse features that are among ours. */
  readonly topFourOverlap: number;
};

const MOST_REASONS = 4;

export async function reasonAgreement(golden: GoldenShap): Promise<{ all: Agreement; declined: Agreement }> {
  const { manifest, modelFile, typicalValues } = await readBundle(
    new URL("../models/lendingclub", import.meta.url).pathname,
  );
  const session = await openSession(modelFile, manifest);
  const tensor = Float32Array.from(golden.x.flat(), (value) => value ?? Number.NaN);
  const scores = [...(await session.run(tensor, golden.x.length))];
  const ours = await substitutionContributions(session, typicalValues, tensor, scores);
  await session.release();
  const pairs = ours.map((contributions, row) => ({
    decision: decide(manifest.policy, scores[row]!),
    ours: adverse(contributions),
    exact: adverse(golden.contributions[row]!.slice(0, -1)),
  }));
  return { all: agreement(pairs), declined: agreement(pairs.filter(({ decision }) => decision === "decline")) };
}

/** Indices of the features that raise the log-odds most, largest first. */
function adverse(contributions: readonly number[]): number[] {
  return [...contributions.keys()]
    .filter((feature) => contributions[feature]! > 0)
    .sort((a, b) => contributions[b]! - contributions[a]!)
    .slice(0, MOST_REASONS);
}

function agreement(pairs: readonly { ours: number[]; exact: number[] }[]): Agreement {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    rows: pairs.length,
    sameTopReason: mean(pairs.map(({ ours, exact }) => (ours[0] === exact[0] ? 1 : 0))),
    topFourOverlap: mean(pairs.map(({ ours, exact }) => exact.filter((f) => ours.includes(f)).length / exact.length)),
  };
}

if (import.meta.main) {
  const [file] = process.argv.slice(2);
  if (file === undefined) {
    process.stderr.write("usage: scripts/reason-agreement.ts GOLDEN_SHAP_FILE\n");
    process.exit(2);
  }
  for (const [which, { rows, sameTopReason, topFourOverlap }] of Object.entries(
    await reasonAgreement(JSON.parse(await readFile(file, "utf8"))),
  )) {
    const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
    process.stdout.write(
      `${which}: ${rows} rows, same top reason ${percent(sameTopReason)}, top-4 overlap ${percent(topFourOverlap)}\n`,
    );
  }
}
