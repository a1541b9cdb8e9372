import type { FeatureValue } from "../../../../src/contracts/application.ts";
import { readModels } from "../../api/routes.ts";
import type { Contribution, Explanation, ValueUse } from "../../api/shapes.ts";
import { useLoaded } from "../../api/use-loaded.ts";
import { featureLabel, figure, signed } from "../../format.ts";
import { Panel } from "../../parts/panel.tsx";

const USED_WORDS: Readonly<Record<ValueUse, string>> = {
  as_sent: "",
  missing: "missing",
  out_of_range: "out of range, scored as missing",
  unseen: "unknown category, scored as missing",
};

/** What each input did to the score: to the right of the line it raised the risk, to the left it lowered it. */
export function ContributionsPanel({ explanation }: { readonly explanation: Explanation }) {
  const { value: models } = useLoaded("models", readModels);
  const { model } = explanation.score;
  const known = models?.items.find(({ name, version }) => name === model.name && version === model.version);
  const unitOf = (feature: string) => known?.features.find(({ name }) => name === feature)?.unit;
  const sorted = [...explanation.contributions].sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution));
  const largest = Math.max(...sorted.map(({ contribution }) => Math.abs(contribution)), 1e-9);
  return (
    <Panel
      title="Inputs and what they did"
      note="contribution in log-odds, against a typical applicant of the training"
      aside={
        <p class="legend">
          <span>
            <span class="key lowers" aria-hidden="true" /> lowers the risk
          </span>
          <span>
            <span class="key raises" aria-hidden="true" /> raises it
          </span>
        </p>
      }
    >
      <table class="contributions">
        <caption class="sr-only">Inputs by the size of their contribution</caption>
        <thead>
          <tr>
            <th scope="col">Input</th>
            <th scope="col" class="figure">
              Value
            </th>
            <td class="bars" aria-hidden="true" />
            <th scope="col" class="figure">
              Contribution
            </th>
          </tr>
        </thead>
        <tbody>
          {sorted.map((one) => (
            <Row key={one.feature} contribution={one} unit={unitOf(one.feature)} largest={largest} />
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

function Row(props: {
  readonly contribution: Contribution;
  readonly unit: string | null | undefined;
  readonly largest: number;
}) {
  const { feature, label, value, used, contribution } = props.contribution;
  const width = `${(50 * Math.abs(contribution)) / props.largest}%`;
  return (
    <tr>
      <th scope="row">{featureLabel({ name: feature, label })}</th>
      <td class="figure value">
        {valueWords(value, props.unit)}
        {USED_WORDS[used] !== "" && value !== null && <span class="used">{USED_WORDS[used]}</span>}
      </td>
      <td class="bars" aria-hidden="true">
        <span class="diverging">
          {contribution !== 0 && <span class={contribution > 0 ? "raises" : "lowers"} style={{ width }} />}
        </span>
      </td>
      <td class="figure">{signed(contribution, 3)}</td>
    </tr>
  );
}

function valueWords(value: FeatureValue, unit: string | null | undefined) {
  if (value === null) return <span class="soft">missing</span>;
  if (typeof value === "string") return value.replaceAll("_", " ");
  if (typeof value === "boolean") return value ? "yes" : "no";
  // A ratio has no unit to show.
  const shown =
    unit === undefined || unit === null || unit === "ratio" ? "" : unit === "percent" ? "\u00a0%" : `\u00a0${unit}`;
  return (
    <>
      {figure(value)}
      <span class="soft">{shown}</span>
    </>
  );
}
