import { parser } from "@prometheus-io/lezer-promql";

export type ParsedPromql = {
  /** Metrics and recorded series that it selects, each once. */
  readonly names: readonly string[];
  /** Labels that it matches or groups by, each once. */
  readonly labels: readonly string[];
  readonly numbers: readonly number[];
  /** Where the text isn't PromQL. */
  readonly faults: readonly string[];
};

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
      else if (node.name === "Identifier" && node.node.parent?.name === "VectorSelector") names.add(text);
      else if (node.name === "LabelName") labels.add(text);
      else if (node.name === "NumberDurationLiteral" && Number.isFinite(Number(text))) numbers.push(Number(text));
    },
  });
  return { names: [...names], labels: [...labels], numbers, faults };
}
