import { cumulativeShares, type NumberBins } from "../../../src/drift/page/groups.ts";
import { figure, percentage } from "../format.ts";

/**
 * The share of applications below each value, reference and window overlaid: exact at the edges of all bins, where a density
 * would have to guess. The widest gap between the two is the Kolmogorov–Smirnov statistic.
 */
export function CumulativePlot(props: {
  readonly label: string;
  readonly bins: NumberBins;
  readonly counts: readonly number[];
}) {
  const { label, bins, counts } = props;
  const { edges } = bins;
  const [low, high] = [edges[0], edges.at(-1)];
  if (low === undefined || high === undefined || high <= low) return null;
  const reference = cumulativeShares(bins.counts);
  const current = cumulativeShares(counts);
  const x = (value: number) => (100 * (value - low)) / (high - low);
  const y = (share: number) => 100 - 100 * share;
  const path = (shares: readonly number[]) =>
    shares.map((share, index) => `${index === 0 ? "M" : "L"}${x(edges[index]!)} ${y(share)}`).join("");
  const gaps = reference.map((share, index) => Math.abs(share - current[index]!));
  const widest = gaps.indexOf(Math.max(...gaps));
  const at = edges[widest]!;
  const words = `Below ${figure(at)} lie ${percentage(current[widest]!)} now, ${percentage(reference[widest]!)} in the reference: the widest gap.`;
  return (
    <figure class="cumulative">
      <div class="area">
        <svg
          role="img"
          viewBox="0 0 100 100"
          preserveAspectRatio="none"
          aria-label={`Share of ${label} below each value. ${words}`}
        >
          <path class="rule" d="M0 25H100M0 50H100M0 75H100" />
          <path class="widest" d={`M${x(at)} ${y(reference[widest]!)}V${y(current[widest]!)}`} />
          <path class="line reference" d={path(reference)} />
          <path class="line" d={path(current)} />
        </svg>
        <span class="from" aria-hidden="true">
          100 %
        </span>
        <span class="to" aria-hidden="true">
          0 %
        </span>
      </div>
      <div class="ends" aria-hidden="true">
        <span>{figure(low)}</span>
        <span>{figure((low + high) / 2)}</span>
        <span>{figure(high)}</span>
      </div>
      <figcaption class="note">Share of applications below a value. {words}</figcaption>
    </figure>
  );
}
