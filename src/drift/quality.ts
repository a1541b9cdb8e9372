import type { QualityCheck } from "../contracts/drift-report.ts";
import type { DriftSubject } from "./subject.ts";

/**
 * The data quality checks of a window, per feature: shares of missing, out of range, unseen and wrongly typed values,
 * each against its limit: the reference's share and a tolerance, and never more than an absolute limit.
 */
export function qualityChecks({ reference, layout, settings }: DriftSubject, counts: Float64Array): QualityCheck[] {
  const applications = counts[layout.applications]!;
  const check = (
    feature: string,
    kind: QualityCheck["check"],
    count: number,
    of: number,
    referenceRate: number | null,
    limit: number,
  ): QualityCheck => {
    const rate = of > 0 ? count / of : 0;
    return { feature, check: kind, rate, reference_rate: referenceRate, limit, pass: rate <= limit };
  };
  return layout.features.flatMap((slots, index) => {
    const { name } = slots;
    const profile = reference.features[index]!;
    const share = (count: number) => count / reference.n;
    const missing = share(profile.missing);
    const typeErrors = counts[slots.typeErrors]!;
    const checks = [
      check(
        name,
        "missing",
        counts[slots.missing]!,
        applications,
        missing,
        Math.min(missing + settings.missing_tolerance, settings.missing_limit),
      ),
      check(name, "type_error", typeErrors, applications + typeErrors, null, settings.type_error_limit),
    ];
    if (slots.type === "numeric" && profile.type === "numeric") {
      const rate = share(profile.out_of_range);
      const limit = Math.min(rate + settings.out_of_range_tolerance, settings.out_of_range_limit);
      checks.push(check(name, "out_of_range", counts[slots.outOfRange]!, applications, rate, limit));
    }
    if (slots.type === "categorical" && profile.type === "categorical") {
      const rate = share(profile.unseen);
      const limit = Math.min(rate + settings.unseen_tolerance, settings.unseen_limit);
      checks.push(check(name, "unseen", counts[slots.unseen]!, applications, rate, limit));
    }
    return checks;
  });
}
