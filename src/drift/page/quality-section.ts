import type { DriftReport, QualityCheck } from "../../contracts/drift-report.ts";
import { badge } from "./badge.ts";
import { counted, percentage } from "./figures.ts";
import { type Html, html } from "./html.ts";
import { type Column, table } from "./table.ts";

const CHECKS: Readonly<Record<QualityCheck["check"], string>> = {
  missing: "Missing",
  out_of_range: "Out of range",
  unseen: "Unseen category",
  type_error: "Wrong type",
};

const COLUMNS: readonly Column<QualityCheck>[] = [
  { heading: "Feature", cell: ({ feature }) => feature },
  { heading: "Check", cell: ({ check }) => CHECKS[check] },
  { heading: "Result", cell: ({ pass }) => (pass ? badge("none", "Pass") : badge("critical", "Fail")) },
  { heading: "Rate", cell: ({ rate }) => percentage(rate), isFigure: true },
  {
    heading: "Reference",
    cell: ({ reference_rate }) => (reference_rate === null ? "–" : percentage(reference_rate)),
    isFigure: true,
  },
  { heading: "At most", cell: ({ limit }) => percentage(limit), isFigure: true },
];

/** Failures first; the checks that pass are folded away. */
export function qualitySection({ quality, dated_ahead }: DriftReport): Html {
  const failed = quality.filter(({ pass }) => !pass).sort((a, b) => b.rate - b.limit - (a.rate - a.limit));
  const passed = quality.filter(({ pass }) => pass);
  const words =
    failed.length === 0
      ? html`<p>${badge("none", `All ${counted(passed.length, "check")} pass`)}</p>`
      : html`<p>${badge("critical", `${failed.length} of ${counted(quality.length, "check")} fail`)}</p>${table("Checks that fail", COLUMNS, failed)}`;
  const ahead =
    dated_ahead === 0
      ? null
      : html`<p>${counted(dated_ahead, "application")} dated more than five minutes after receipt: scored, and part of no window.</p>`;
  return html`<section aria-labelledby="quality"><h2 id="quality">Data quality</h2>${words}${ahead}
${passed.length === 0 ? null : html`<details><summary>${counted(passed.length, "check")} that ${passed.length === 1 ? "passes" : "pass"}</summary>${table("Checks that pass", COLUMNS, passed)}</details>`}</section>`;
}
