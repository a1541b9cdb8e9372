import { existsSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

const GOLDEN = new URL("../../../../shared/golden/drift-statistics.json.gz", import.meta.url);

/** Whether the 50 cases on real loans with SciPy's answers are there. */
export const hasGoldenCases = existsSync(GOLDEN);

type Common = { readonly feature: string; readonly window: readonly [string, string] };
export type NumericCase = Common & {
  readonly kind: "numeric";
  readonly reference: readonly number[];
  readonly current: readonly number[];
  readonly expected: {
    readonly reference_counts: readonly number[];
    readonly current_counts: readonly number[];
    readonly psi: number;
    readonly ks_statistic: number;
    readonly ks_pvalue_asymptotic: number;
    readonly jensen_shannon_distance_base2: number;
    readonly wasserstein_normed: number;
  };
};
export type CategoricalCase = Common & {
  readonly kind: "categorical";
  readonly reference_counts: readonly number[];
  readonly current_counts: readonly number[];
  readonly expected: {
    readonly psi: number;
    readonly jensen_shannon_distance_base2: number;
    readonly chi2_statistic: number;
    readonly chi2_dof: number;
    readonly chi2_pvalue: number;
    readonly cramers_v: number;
  };
};

type Golden = {
  readonly cases: readonly (NumericCase | CategoricalCase)[];
  readonly benjamini_hochberg: { readonly p: readonly number[]; readonly adjusted: readonly number[] };
};

export function goldenCases(): Golden {
  return JSON.parse(gunzipSync(readFileSync(GOLDEN)).toString());
}

/** The counts that PSI and the Jensen–Shannon distance are computed on. */
export function groupsOf(golden: NumericCase | CategoricalCase): [readonly number[], readonly number[]] {
  const { reference_counts, current_counts } = golden.kind === "numeric" ? golden.expected : golden;
  return [reference_counts, current_counts];
}

export function nameOf({ feature, window }: Common): string {
  return `${feature} ${window.join(" to ")}`;
}
