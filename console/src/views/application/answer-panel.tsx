import type { ScoreEvent } from "../../../../src/contracts/score.ts";
import { readModels } from "../../api/routes.ts";
import { useLoaded } from "../../api/use-loaded.ts";
import { percentage } from "../../format.ts";
import { DecisionBadge, riskWords } from "../../parts/badge.tsx";
import { Panel } from "../../parts/panel.tsx";
import { hrefOf } from "../../routing.ts";

/** What was decided, where the score lies between the policy's thresholds, and the reasons as the applicant is told them. */
export function AnswerPanel({ score }: { readonly score: ScoreEvent }) {
  return (
    <Panel title="Decision" note={`${score.model.name} ${score.model.version}, policy ${score.policy.version}`}>
      <p class="decided">
        <DecisionBadge decision={score.decision} />
        <span>
          {percentage(score.score)} probability of default, {riskWords(score.risk_band)}
        </span>
      </p>
      <Scale score={score} />
      {score.reasons.length > 0 ? (
        <>
          <h3>Reasons</h3>
          <ol class="reasons">
            {score.reasons.map(({ code, text }) => (
              <li key={code}>
                {text} <span class="soft">{code}</span>
              </li>
            ))}
          </ol>
        </>
      ) : (
        <p class="note">Reasons are given for what is declined.</p>
      )}
      {score.supersedes !== undefined && (
        <p>
          It amends <a href={hrefOf({ view: "application", id: score.supersedes })}>{score.supersedes}</a>.
        </p>
      )}
    </Panel>
  );
}

/** The score between the thresholds of the policy that decided; without it when another is in force by now. */
function Scale({ score: { score, policy, model } }: { readonly score: ScoreEvent }) {
  const { value } = useLoaded("models", readModels);
  const known = value?.items.find(({ name, version }) => name === model.name && version === model.version);
  const thresholds = known?.policy ?? null;
  if (thresholds === null || thresholds.version !== policy.version) return null;
  const { approve_below: low, decline_at_or_above: high } = thresholds;
  const top = Math.max(2 * high, score * 1.1);
  const at = (share: number) => `${(100 * share) / top}%`;
  return (
    <div class="scale" role="img" aria-label={`Approved below ${percentage(low)}, declined from ${percentage(high)}.`}>
      <span class="zone approve" style={{ left: 0, width: at(low) }}>
        approve
      </span>
      <span class="zone refer" style={{ left: at(low), width: at(high - low) }}>
        refer
      </span>
      <span class="zone decline" style={{ left: at(high), right: 0 }}>
        decline
      </span>
      <span class="mark" style={{ left: at(score) }} />
      <span class="tick" style={{ left: at(low) }}>
        {percentage(low, 0)}
      </span>
      <span class="tick" style={{ left: at(high) }}>
        {percentage(high, 0)}
      </span>
    </div>
  );
}
