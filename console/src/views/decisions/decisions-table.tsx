import type { ScoreEvent } from "../../../../src/contracts/score.ts";
import { percentage, preciseTime, recent } from "../../format.ts";
import { DecisionBadge } from "../../parts/badge.tsx";
import { Empty, Fault, Loading } from "../../parts/states.tsx";
import { hrefOf } from "../../routing.ts";
import type { ShownFeed } from "./use-feed.ts";

/** Decisions, the newest first, each with its main reason and a link to all that is known of it. */
export function DecisionsTable(props: {
  readonly shown: ShownFeed;
  /** So many of the newest; all without it. */
  readonly most?: number;
  readonly emptyWords: string;
}) {
  const { view, feed, hold } = props.shown;
  const rows = view.rows.slice(0, props.most);
  if (rows.length === 0) {
    if (view.fault !== null) return <Fault fault={view.fault} onRetry={() => void feed?.older()} />;
    if (view.history === "loading") return <Loading what="decisions" rows={props.most ?? 12} />;
    return <Empty title="No decision yet">{props.emptyWords}</Empty>;
  }
  return (
    <div
      class="decisions-place"
      onPointerEnter={(event) => event.pointerType === "mouse" && hold(true)}
      onPointerLeave={() => hold(false)}
      onFocusIn={() => hold(true)}
      onFocusOut={() => hold(false)}
    >
      <table class={`decisions ${view.stream === "open" ? "" : "old"}`}>
        <caption class="sr-only">Decisions, the newest first</caption>
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col">Application</th>
            <th scope="col">Channel</th>
            <th scope="col">Decision</th>
            <th scope="col" class="figure">
              Default risk
            </th>
            <th scope="col">Main reason</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((score) => (
            <Row key={score.application_id} score={score} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({
  score: { application_id, channel, decision, score, scored_at, reasons },
}: {
  readonly score: ScoreEvent;
}) {
  const [main, ...more] = reasons;
  return (
    <tr>
      <td class="when" title={`${recent(scored_at)}, precisely ${preciseTime(scored_at)}`}>
        {recent(scored_at)}
      </td>
      <th scope="row" class="which">
        <a href={hrefOf({ view: "application", id: application_id })}>{application_id}</a>
      </th>
      <td class="channel">{channel}</td>
      <td class="what">
        <DecisionBadge decision={decision} />
      </td>
      <td class="figure risk">
        <span class={`risk-bar ${decision}`} aria-hidden="true">
          <span style={{ width: `${score * 100}%` }} />
        </span>
        <span class="risk-figure">{percentage(score)}</span>
      </td>
      <td class={`why ${main === undefined ? "none" : ""}`}>
        {main === undefined ? <span class="soft">–</span> : main.text}
        {more.length > 0 && <span class="soft nowrap"> +{more.length} more</span>}
      </td>
    </tr>
  );
}
