import type { ScoreEvent } from "../../../../src/contracts/score.ts";
import { day, duration, preciseTime } from "../../format.ts";
import { Panel } from "../../parts/panel.tsx";

/** From the applicant's submission to the decision, with how long each step took. */
export function TimelinePanel({ score }: { readonly score: ScoreEvent }) {
  const { submitted_at, received_at, scored_at } = score;
  const steps = [
    { words: "Submitted", at: submitted_at, after: null },
    { words: "Received", at: received_at, after: Date.parse(received_at) - Date.parse(submitted_at) },
    { words: "Decided", at: scored_at, after: Date.parse(scored_at) - Date.parse(received_at) },
  ];
  return (
    <Panel title="Timeline" note={`channel ${score.channel}, number ${score.sequence} in its stream`}>
      <ol class="timeline">
        {steps.map(({ words, at, after }) => (
          <li key={words}>
            <strong>{words}</strong>
            <span>
              <time dateTime={at}>{preciseTime(at)}</time>
            </span>
            <span>{day(at)}</span>
            {after !== null && <span>{after < 0 ? "dated ahead" : `after ${duration(after)}`}</span>}
          </li>
        ))}
      </ol>
      <dl class="facts ids">
        <dt>Model</dt>
        <dd>
          {score.model.name} {score.model.version} <code class="soft">{score.model.sha256.slice(0, 12)}…</code>
        </dd>
        <dt>Policy</dt>
        <dd>{score.policy.version}</dd>
      </dl>
    </Panel>
  );
}
