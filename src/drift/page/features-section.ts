import type { DriftReport, FeatureComparison } from "../../contracts/drift-report.ts";
import type { DriftSettings } from "../settings.ts";
import { featureBadge } from "./badge.ts";
import { distance, percentage, pValue } from "./figures.ts";
import type { History } from "./history.ts";
import { type Html, html } from "./html.ts";
import { ranked } from "./ranking.ts";
import { psiSparkline } from "./sparkline.ts";
import { type Column, table } from "./table.ts";

/** All features in one table, by what matters. */
export function featuresSection(report: DriftReport, { windows }: History, settings: DriftSettings): Html {
  const spark = (feature: FeatureComparison) => psiSparkline(feature.name, psiOver(windows, feature.name), settings);
  const columns: Column<FeatureComparison>[] = [
    { heading: "Feature", cell: ({ name }) => html`<a href="#feature-${name}">${name}</a>` },
    { heading: "Verdict", cell: featureBadge },
    { heading: "Importance", cell: ({ importance }) => percentage(importance), isFigure: true },
    { heading: "PSI", cell: ({ psi }) => distance(psi), isFigure: true },
    { heading: "PSI over windows", cell: spark },
    { heading: "p (adjusted)", cell: ({ p_adjusted }) => pValue(p_adjusted), isFigure: true },
    {
      heading: "Missing (reference)",
      cell: ({ missing }) => `${percentage(missing.rate)} (${percentage(missing.reference_rate)})`,
      isFigure: true,
    },
  ];
  const { psi_warning, psi_critical } = settings;
  const caption = `By what matters: drifted first, then importance × PSI, of the values or of how often there is none. Lines in the small charts: PSI ${psi_warning} (large) and ${psi_critical} (critical).`;
  return html`<section aria-labelledby="features"><h2 id="features">Features</h2>${table(caption, columns, ranked(report))}</section>`;
}

/** A feature's PSI per window; null where the window has no verdict. */
function psiOver(windows: readonly DriftReport[], name: string): (number | null)[] {
  return windows.map(({ status, features }) =>
    status === "judged" ? (features.find((feature) => feature.name === name)?.psi ?? null) : null,
  );
}
