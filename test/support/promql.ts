import type { SyntaxNodeRef } from "@lezer/common";
import { parser } from "@prometheus-io/lezer-promql";

export type ParsedPromql = {
  /** Metrics and recorded series that it selects, each once. */
  readonly names: readonly string[];
  /** Labels that it matches or groups by, each once. */
  readonly labels: readonly string[];
  /** Offsets among them, in seconds; not the lengths of ranges. */
  readonly numbers: readonly number[];
  /** Where the text isn't PromQL. */
  readonly faults: readonly string[];
};

const SECONDS = { ms: 0.001, s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800, y: 31_536_000 } as const;

/** Reads an expression of Prometheus; Grafana's variables in it must have been substituted. */
export function parsePromql(expression: string): ParsedPromql {
  const names = new Set<string>();
  const labels = new Set<string>();
  const numbers: number[] = [];
  const faults: string[] = [];
  parser.parse(expression).iterate({
    enter(node) {
      const text = expression.slice(node.from, node.to);
      if (node.type.isError)
        faults.push(`at ${node.from}: ${expression.slice(Math.max(0, node.from - 20), node.from + 20)}`);
      else if (isMetric(node)) names.add(text);
      else if (node.name === "LabelName") labels.add(text);
      else if (isNumber(node)) numbers.push(numberOf(text));
    },
  });
  return { names: [...names], labels: [...labels], numbers, faults };
}

function isMetric({ name, node }: SyntaxNodeRef): boolean {
  return name === "Identifier" && node.parent?.name === "VectorSelector";
}

function isNumber({ name, node }: SyntaxNodeRef): boolean {
  return name.startsWith("NumberDurationLiteral") && node.parent?.parent?.name !== "MatrixSelector";
}

/** A number, or a duration like 1h30m in seconds. */
function numberOf(text: string): number {
  const number = Number(text);
  if (!Number.isNaN(number)) return number;
  const parts = [...text.matchAll(/(\d+)(ms|[smhdwy])/g)];
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * SECONDS[unit as keyof typeof SECONDS], 0);
}
