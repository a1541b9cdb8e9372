import type { DecisionMix } from "../../../../src/contracts/drift-report.ts";
import { DECISIONS } from "../../../../src/contracts/score.ts";
import type { Status } from "../../api/shapes.ts";
import { count } from "../../format.ts";
import { decisionWords } from "../../parts/badge.tsx";
import { Panel } from "../../parts/panel.tsx";
import { ReferenceLegend, ShareBars } from "../../parts/share-bars.tsx";
import { Empty } from "../../parts/states.tsx";

/** What is decided now against what was on the reference. */
export function DecisionMixPanel({ status }: { readonly status: Status }) {
  const { decisions, scored } = status.live.last_minute;
  const reference = status.models?.[0]?.reference_decisions ?? null;
  return (
    <Panel title="Decision mix" note={`last minute, ${count(scored)} decisions`}>
      {scored === 0 ? (
        <Empty title="No decision in the last minute">The mix shows as soon as applications come in.</Empty>
      ) : (
        <>
          <MixBars
            caption="Share of each decision in the last minute and in the reference"
            now={decisions}
            reference={reference}
          />
          {reference !== null && <ReferenceLegend current="Last minute" isMix />}
        </>
      )}
    </Panel>
  );
}

export function MixBars(props: {
  readonly caption: string;
  readonly now: DecisionMix;
  readonly reference: DecisionMix | null;
}) {
  const { now, reference } = props;
  const total = (mix: DecisionMix) => Math.max(1e-9, mix.approve + mix.refer + mix.decline);
  return (
    <ShareBars
      caption={props.caption}
      heading="Decision"
      pairs={DECISIONS.map((decision) => ({
        label: decisionWords(decision),
        reference: reference === null ? null : reference[decision] / total(reference),
        current: now[decision] / total(now),
        tone: decision,
      }))}
    />
  );
}
