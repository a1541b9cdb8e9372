import type { DriftReport, RateComparison } from "../../../../src/contracts/drift-report.ts";
import type { ListedReport } from "../../api/shapes.ts";
import { counted, percentage, period, points, recent } from "../../format.ts";
import { severityTone, severityWords } from "../../health.ts";
import { Badge } from "../../parts/badge.tsx";
import { PlumbLine } from "../../parts/shapes.tsx";

/** The verdict on one window in a few figures. */
export function ReportHead(props: {
  readonly report: ListedReport;
  /** Where the latest one is, when another is shown. */
  readonly latestHref: string | null;
  readonly provisional: DriftReport | null;
}) {
  const { report, latestHref, provisional } = props;
  const isJudged = report.status === "judged";
  const tone = isJudged ? severityTone(report.severity) : "unknown";
  return (
    <section class={`verdict ${tone}`} aria-labelledby="drift-head">
      <div class="with-line">
        <div>
          <p class="question">
            {latestHref === null ? "Latest verdict" : "Earlier verdict"}: {period(report.window)},{" "}
            {counted(report.applications, "application")}
            {report.revision > 1 ? `, corrected ${report.revision - 1} times by late ones` : ""}
          </p>
          <h2 id="drift-head">
            <Badge tone={tone}>{isJudged ? severityWords(report.severity) : "Too few to judge"}</Badge>
          </h2>
          <p>{sentence(report)}</p>
          {provisional !== null && provisional.window.end > report.window.end && (
            <p class="note">
              The sliding view until {recent(provisional.window.end)}:{" "}
              {counted(provisional.applications, "application")}, drift score {provisional.drift_score.toFixed(2)},
              provisional.
            </p>
          )}
          {latestHref !== null && (
            <p class="more">
              <a href={latestHref}>Back to the latest</a>
            </p>
          )}
        </div>
        <PlumbLine lean={isJudged ? report.drift_score : null} tone={tone} />
      </div>
      <dl class="key-figures">
        <Figure name="Drift score" value={report.drift_score.toFixed(2)} note="share of the model's importance" />
        <Figure name="Features" value={`${report.features_drifted} of ${report.features_tested}`} note="drifted" />
        <Approvals rate={report.approval_rate} />
        {report.score !== null && report.score.mean !== null && (
          <Figure
            name="Mean default risk"
            value={percentage(report.score.mean)}
            note={`was ${report.score.reference_mean === null ? "–" : percentage(report.score.reference_mean)}`}
          />
        )}
      </dl>
    </section>
  );
}

function Approvals({ rate }: { readonly rate: RateComparison | null }) {
  if (rate === null) return null;
  const note = `was ${percentage(rate.reference_rate)}, ${points(rate.difference)}`;
  return <Figure name="Approved" value={percentage(rate.rate)} note={note} />;
}

function Figure({ name, value, note }: { readonly name: string; readonly value: string; readonly note: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {value} <small>{note}</small>
      </dd>
    </div>
  );
}

function sentence({ status, severity, features_drifted }: ListedReport): string {
  if (status === "insufficient") return "Too few applications came for a verdict, which isn't the same as no drift.";
  if (severity === "critical") return "Most of what the model relies on no longer looks as it did in its training.";
  if (severity === "warning") return "The applications no longer look like those that the model was trained on.";
  if (features_drifted > 0) return "Some features moved, but too little of what the model relies on for a warning.";
  return "The applications still look like those that the model was trained on.";
}
