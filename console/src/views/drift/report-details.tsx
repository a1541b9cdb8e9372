import type { Finding } from "../../../../src/contracts/drift-report.ts";
import { numberGroups } from "../../../../src/drift/page/groups.ts";
import { readDriftReport } from "../../api/routes.ts";
import type { ListedReport } from "../../api/shapes.ts";
import { useLoaded } from "../../api/use-loaded.ts";
import { featureLabel, percentage, recent } from "../../format.ts";
import { Badge } from "../../parts/badge.tsx";
import { Panel } from "../../parts/panel.tsx";
import { ReferenceLegend, ShareBars } from "../../parts/share-bars.tsx";
import { Empty, WhenLoaded } from "../../parts/states.tsx";
import { MixBars } from "../overview/decision-mix-panel.tsx";

/** What to do about it, and what it did to scores and decisions. */
export function ReportDetails({ report }: { readonly report: ListedReport }) {
  return (
    <>
      <Findings findings={report.findings} />
      <div class="answer">
        <Panel title="Decisions" note="this window against the reference">
          <MixBars
            caption="Share of each decision in this window and in the reference"
            now={report.decisions}
            reference={report.reference_decisions}
          />
          <ReferenceLegend current="This window" isMix />
        </Panel>
        <ScoresPanel id={String(report.id)} />
      </div>
    </>
  );
}

function Findings({ findings }: { readonly findings: readonly Finding[] }) {
  if (findings.length === 0) return null;
  return (
    <Panel title="What to do" note="the gravest first">
      <ul class="steps">
        {byNextStep(findings).map(([nextStep, those]) => (
          <li key={nextStep}>
            <p class="next-step">
              <strong>Next:</strong> {nextStep}
            </p>
            <ul class="findings">
              {those.map((finding) => (
                <li key={`${finding.kind} ${finding.feature}`} class={finding.severity}>
                  <h3>
                    {finding.feature === null ? subjectOf(finding) : featureLabel({ name: finding.feature })}{" "}
                    <Badge tone={finding.severity}>{finding.severity === "critical" ? "Critical" : "Warning"}</Badge>
                  </h3>
                  <p>{finding.what}</p>
                  <p class="soft">{finding.effect}</p>
                  {finding.since !== null && <p class="note">Since {recent(finding.since)}</p>}
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

/** What calls for the same is said once; each step stands where the gravest that calls for it would. */
function byNextStep(findings: readonly Finding[]): [string, readonly Finding[]][] {
  const steps = new Map<string, Finding[]>();
  for (const finding of findings) {
    const those = steps.get(finding.next_step) ?? [];
    steps.set(finding.next_step, [...those, finding]);
  }
  return [...steps];
}

function subjectOf({ kind }: Finding): string {
  return kind === "approval_rate" ? "Approval rate" : "Scores";
}

function ScoresPanel({ id }: { readonly id: string }) {
  const loaded = useLoaded(`report ${id}`, (signal) => readDriftReport(id, signal));
  return (
    <Panel title="Scores" note="predicted probability of default, in tenths of the reference">
      <WhenLoaded loaded={loaded} what="the distribution of scores" rows={8}>
        {({ report, reference }) => {
          const bins = reference?.score ?? null;
          if (report.score === null || bins === null) return <Empty title="The reference has no scores" />;
          return (
            <>
              <ShareBars
                caption="Shares of applications by score, reference and this window"
                heading="Score"
                pairs={numberGroups(bins, report.score.counts, (value) => percentage(value))}
              />
              <ReferenceLegend current="This window" />
            </>
          );
        }}
      </WhenLoaded>
    </Panel>
  );
}
