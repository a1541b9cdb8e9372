import { percentage, points } from "../format.ts";

export type SharePair = {
  readonly label: string;
  /** Null where there is no reference. */
  readonly reference: number | null;
  readonly current: number;
  readonly tone?: string;
};

/** Changes of a share below it are noise to the eye. */
const NOTABLE = 0.05;

/** Shares of the reference and of now side by side: a table, each pair of figures with its pair of bars. */
export function ShareBars(props: {
  readonly caption: string;
  readonly heading: string;
  readonly pairs: readonly SharePair[];
}) {
  const { pairs } = props;
  const longest = Math.max(...pairs.flatMap(({ reference, current }) => [reference ?? 0, current]), 0.01);
  const hasReference = pairs.some(({ reference }) => reference !== null);
  const width = (share: number) => `${(100 * share) / longest}%`;
  return (
    <table class="shares">
      <caption class="sr-only">{props.caption}</caption>
      <thead>
        <tr>
          <th scope="col">{props.heading}</th>
          <td class="bars" aria-hidden="true" />
          {hasReference && (
            <th scope="col" class="figure">
              Reference
            </th>
          )}
          <th scope="col" class="figure">
            Now
          </th>
          {hasReference && (
            <th scope="col" class="figure change">
              Change
            </th>
          )}
        </tr>
      </thead>
      <tbody>
        {pairs.map(({ label, reference, current, tone = "" }) => (
          <tr key={label}>
            <th scope="row">{label}</th>
            <td class="bars" aria-hidden="true">
              {reference !== null && <span class="bar reference" style={{ width: width(reference) }} />}
              <span class={`bar current ${tone}`} style={{ width: width(current) }} />
            </td>
            {hasReference && <td class="figure soft">{reference === null ? "–" : percentage(reference)}</td>}
            <td class="figure">{percentage(current)}</td>
            {hasReference && <Change by={reference === null ? null : current - reference} />}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Change({ by }: { readonly by: number | null }) {
  if (by === null) return <td class="figure change">–</td>;
  return <td class={`figure change ${Math.abs(by) >= NOTABLE ? "notable" : ""}`}>{points(by)}</td>;
}

/** What the two looks mean, wherever the two are drawn. */
export function ReferenceLegend(props: { readonly current: string; readonly isMix?: boolean }) {
  return (
    <p class="legend">
      <span>
        <span class="key reference" aria-hidden="true" /> Reference
      </span>
      <span>
        <span class={`key current ${props.isMix ? "mix" : ""}`} aria-hidden="true" /> {props.current}
      </span>
    </p>
  );
}
