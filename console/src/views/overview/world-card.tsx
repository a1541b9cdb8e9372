import type { Status } from "../../api/shapes.ts";
import { recent } from "../../format.ts";
import { driftVerdict, type Verdict } from "../../health.ts";
import { Badge } from "../../parts/badge.tsx";
import { PlumbLine } from "../../parts/shapes.tsx";
import { hrefOf } from "../../routing.ts";

/** Has the world moved? */
export function WorldCard({ status, isNow }: { readonly status: Status; readonly isNow: boolean }) {
  const known = driftVerdict(status);
  const verdict: Verdict = isNow ? known : { ...known, tone: "unknown" };
  const { drift } = status;
  return (
    <section class={`verdict ${verdict.tone}`} aria-labelledby="world-head">
      <div class="with-line">
        <div>
          <p class="question">Has the world moved?</p>
          <h2 id="world-head">
            <Badge tone={verdict.tone}>{verdict.words}</Badge>
          </h2>
          <p>{sentence(status)}</p>
          <ul>
            {verdict.details.map((detail) => (
              <li key={detail}>{detail}</li>
            ))}
          </ul>
        </div>
        <div class="lean">
          <PlumbLine lean={drift === null || drift.stale ? null : drift.drift_score} tone={verdict.tone} />
          {drift !== null && (
            <p>
              <span class="lean-figure">{drift.drift_score.toFixed(2)}</span>
              <span class="soft">drift score</span>
            </p>
          )}
        </div>
      </div>
      <p class="more">
        <a href={hrefOf({ view: "drift", channel: null, report: null, feature: null })}>What moved, and by how much</a>
        {drift !== null && <span class="soft"> · verdict of {recent(drift.reported_at)}</span>}
      </p>
    </section>
  );
}

function sentence({ drift }: Status): string {
  if (drift === null) return "It is known when the first window of applications is complete.";
  if (drift.status === "insufficient")
    return "Too few applications came for a verdict, which isn't the same as no drift.";
  if (drift.severity === "critical")
    return "Most of what the model relies on no longer looks as it did in its training.";
  if (drift.severity === "warning") return "The applications no longer look like those that the model was trained on.";
  return "The applications still look like those that the model was trained on.";
}
