import type { FeatureComparison } from "../../../../src/contracts/drift-report.ts";
import { featureGroups } from "../../../../src/drift/page/groups.ts";
import { readDriftReport } from "../../api/routes.ts";
import type { ReferenceFeature } from "../../api/shapes.ts";
import { useLoaded } from "../../api/use-loaded.ts";
import { count, featureLabel, figure, percentage, points } from "../../format.ts";
import { ReferenceLegend, ShareBars } from "../../parts/share-bars.tsx";
import { Empty, WhenLoaded } from "../../parts/states.tsx";
import { CumulativePlot } from "../../plots/cumulative-plot.tsx";

/** One feature's distribution in the reference and in the window, and what was measured between the two. */
export function FeatureDetails({ id, name }: { readonly id: string; readonly name: string }) {
  const loaded = useLoaded(`report ${id}`, (signal) => readDriftReport(id, signal));
  return (
    <WhenLoaded loaded={loaded} what="the distributions" rows={8}>
      {({ report, reference }) => {
        const feature = report.features.find((one) => one.name === name);
        const bins = reference?.features[name];
        const finding = report.findings.find((one) => one.feature === name);
        if (feature === undefined) return <Empty title="This report doesn't compare it" />;
        return (
          <div class="feature-details">
            {finding !== undefined && (
              <div class={`finding ${finding.severity}`}>
                <p>
                  <strong>{finding.what}</strong> {finding.effect}
                </p>
                <p>
                  <strong>Next:</strong> {finding.next_step}
                </p>
              </div>
            )}
            {bins === undefined || bins.counts.length !== feature.counts.length ? (
              <Empty title="The reference has no distribution of it" />
            ) : (
              <Distributions feature={feature} bins={bins} />
            )}
            <Statistics feature={feature} />
          </div>
        );
      }}
    </WhenLoaded>
  );
}

function Distributions({ feature, bins }: { readonly feature: FeatureComparison; readonly bins: ReferenceFeature }) {
  const label = featureLabel(feature);
  const isRanged = bins.type === "numeric" && bins.binning === "quantiles";
  return (
    <>
      <div>
        <ShareBars
          caption={`Shares of applications by ${label}, reference and this window`}
          heading={bins.type === "numeric" ? "Value" : "Category"}
          pairs={featureGroups(bins, feature.counts).map((group) => ({
            ...group,
            label: bins.type === "numeric" ? group.label : group.label.replaceAll("_", " "),
          }))}
        />
        <ReferenceLegend current="This window" />
      </div>
      {isRanged && <CumulativePlot label={label} bins={bins} counts={feature.counts} />}
    </>
  );
}

function Statistics({ feature }: { readonly feature: FeatureComparison }) {
  const { missing } = feature;
  const rows: (readonly [string, string])[] = [
    ["Applications with a value", count(feature.n)],
    ["PSI", feature.psi.toFixed(3)],
    ["Adjusted p-value", feature.p_adjusted < 0.0001 ? "< 0.0001" : feature.p_adjusted.toPrecision(2)],
    [
      "Missing",
      `${percentage(missing.rate)}, was ${percentage(missing.reference_rate)} (${points(missing.difference)})`,
    ],
  ];
  if (feature.type === "numeric") {
    const { mean, reference_mean: before } = feature;
    if (mean !== null && before !== null) rows.splice(1, 0, ["Mean", `${figure(mean)}, was ${figure(before)}`]);
    rows.push(["Out of range", count(feature.out_of_range)]);
  } else {
    rows.push(["Unknown category", percentage(feature.unseen.rate)]);
  }
  if (feature.channels.length > 0) rows.push(["Exceeds on", feature.channels.join(", ")]);
  return (
    <dl class="facts">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
