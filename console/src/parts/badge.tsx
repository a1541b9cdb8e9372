import type { ComponentChildren } from "preact";
import type { Decision, RiskBand } from "../../../src/contracts/score.ts";
import type { Tone } from "../health.ts";
import { DecisionShape, ToneShape } from "./shapes.tsx";

export function Badge({ tone, children }: { readonly tone: Tone; readonly children: ComponentChildren }) {
  return (
    <span class={`badge ${tone}`}>
      <ToneShape tone={tone} />
      {children}
    </span>
  );
}

const DECISION_WORDS: Readonly<Record<Decision, string>> = { approve: "Approve", refer: "Refer", decline: "Decline" };

export function decisionWords(decision: Decision): string {
  return DECISION_WORDS[decision];
}

export function DecisionBadge({ decision }: { readonly decision: Decision }) {
  return (
    <span class={`decision ${decision}`}>
      <DecisionShape decision={decision} />
      {DECISION_WORDS[decision]}
    </span>
  );
}

export function riskWords(band: RiskBand): string {
  return `${band} risk`;
}
