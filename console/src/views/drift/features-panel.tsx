import type { ListedReport } from "../../api/shapes.ts";
import { featureLabel, percentage, recent, signed } from "../../format.ts";
import { Panel } from "../../parts/panel.tsx";
import { Icon } from "../../parts/shapes.tsx";
import { Sparkline } from "../../plots/sparkline.tsx";
import { hrefOf, type Route } from "../../routing.ts";
import { replaceAddress } from "../../use-route.ts";
import { FeatureDetails } from "./feature-details.tsx";
import { featureStanding, type ListedFeature, rankedFeatures, StandingBadge } from "./standing.tsx";

const PSI_LEVELS = [
  { value: 0.1, colour: "warning" },
  { value: 0.25, colour: "critical" },
] as const;

type DriftRoute = Extract<Route, { view: "drift" }>;

/** All features, what matters most first; one at a time opens into its two distributions. */
export function FeaturesPanel(props: {
  readonly reports: readonly ListedReport[];
  readonly shown: ListedReport;
  readonly route: DriftRoute;
}) {
  const { reports, shown, route } = props;
  const upToShown = reports.filter(({ window }) => Date.parse(window.end) <= Date.parse(shown.window.end));
  const history = (name: string) =>
    upToShown
      .map(({ status, features }) =>
        status === "judged" ? (features.find((feature) => feature.name === name)?.psi ?? null) : null,
      )
      .reverse();
  const features = rankedFeatures(shown);
  return (
    <Panel title="Features" note="what drifted first, by its weight in the model">
      {features.length === 0 ? (
        <p class="note">No feature was compared: there were too few applications.</p>
      ) : (
        <table class="features">
          <caption class="sr-only">Features by what matters; the name opens the distributions</caption>
          <thead>
            <tr>
              <th scope="col">Feature</th>
              <th scope="col">Verdict</th>
              <th scope="col" class="figure">
                Weight
              </th>
              <th scope="col" class="figure">
                PSI
              </th>
              <th scope="col">PSI over windows</th>
              <th scope="col" class="figure">
                Missing
              </th>
              <th scope="col" class="figure">
                Effect on mean risk
              </th>
              <th scope="col">Since</th>
            </tr>
          </thead>
          <tbody>
            {features.map((feature) => {
              const isOpen = feature.name === route.feature;
              return [
                <Row key={feature.name} feature={feature} psi={history(feature.name)} route={route} isOpen={isOpen} />,
                isOpen && (
                  <tr key={`${feature.name} details`} class="details">
                    <td colSpan={8}>
                      <FeatureDetails id={String(shown.id)} name={feature.name} />
                    </td>
                  </tr>
                ),
              ];
            })}
          </tbody>
        </table>
      )}
    </Panel>
  );
}

function Row(props: {
  readonly feature: ListedFeature;
  readonly psi: readonly (number | null)[];
  readonly route: DriftRoute;
  readonly isOpen: boolean;
}) {
  const { feature, psi, route, isOpen } = props;
  const { rank } = featureStanding(feature);
  const known = psi.filter((value) => value !== null);
  const since = rank >= 2 ? (feature.since ?? feature.missing.since) : null;
  return (
    <tr class={`${isOpen ? "open" : ""} ${rank === 0 ? "in-place" : ""}`}>
      <th scope="row">
        <button
          type="button"
          class="opener"
          aria-expanded={isOpen}
          onClick={() => replaceAddress(hrefOf({ ...route, feature: isOpen ? null : feature.name }))}
        >
          <Icon name="arrow" /> {featureLabel(feature)}
        </button>
      </th>
      <td>
        <StandingBadge feature={feature} />
      </td>
      <td class="figure" data-heading="Weight">
        {percentage(feature.importance)}
      </td>
      <td class="figure" data-heading="PSI">
        {feature.psi.toFixed(3)}
      </td>
      <td class="spark">
        <Sparkline
          summary={`PSI over ${known.length} windows, highest ${Math.max(0, ...known).toFixed(3)}`}
          values={psi}
          levels={PSI_LEVELS}
        />
      </td>
      <td class={`figure ${feature.missing.drifted === "none" ? "" : "notable"}`} data-heading="Missing">
        {percentage(feature.missing.rate)}
      </td>
      <td class="figure" data-heading="Effect on mean risk">
        {signed(feature.mean_score_shift * 100, 1)}&nbsp;pts
      </td>
      <td class="since nowrap" data-heading="Since">
        {since === null ? <span class="soft">–</span> : recent(since)}
      </td>
    </tr>
  );
}
