import type { Explanation } from "../../api/shapes.ts";
import { Badge, decisionWords } from "../../parts/badge.tsx";
import { Panel } from "../../parts/panel.tsx";

/** The decision made again just now from the stored inputs, beside the stored one. */
export function DerivationPanel({ explanation }: { readonly explanation: Explanation }) {
  const { score, derived, equal, reason_method } = explanation;
  const codes = (reasons: readonly { readonly code: string }[]) => reasons.map(({ code }) => code).join(", ") || "none";
  const rows = [
    { what: "Score", stored: String(score.score), again: String(derived.score) },
    { what: "Risk band", stored: score.risk_band, again: derived.risk_band },
    { what: "Decision", stored: decisionWords(score.decision), again: decisionWords(derived.decision) },
    { what: "Reasons", stored: codes(score.reasons), again: codes(derived.reasons) },
  ];
  return (
    <Panel
      title="Derived again"
      note="from the stored inputs, the model and the policy of then"
      aside={equal ? <Badge tone="good">Equal to the last bit</Badge> : <Badge tone="critical">Differs</Badge>}
    >
      <table class="derivation">
        <caption class="sr-only">The stored decision beside the one derived again</caption>
        <thead>
          <tr>
            <td />
            <th scope="col">Stored</th>
            <th scope="col">Again</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ what, stored, again }) => (
            <tr key={what}>
              <th scope="row">{what}</th>
              <td class="mono">{stored}</td>
              <td class={`mono ${stored === again ? "" : "over"}`}>{again}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {reason_method !== null && <p class="note">Reasons by {reason_method.replaceAll("_", " ")}.</p>}
    </Panel>
  );
}
