import type { PanelExpression } from "./panel-expressions.ts";

/** What Prometheus answers to a panel's expression at one moment. */
export type PanelSample = PanelExpression & {
  readonly series: number;
  /** Of them NaN or infinite. */
  readonly notFinite: number;
  /** Of the finite ones; undefined without any. */
  readonly lowest: number | undefined;
  readonly highest: number | undefined;
  /** Why Prometheus refuses the expression. */
  readonly error: string | undefined;
};

type Answer =
  | { readonly status: "success"; readonly data: { resultType: string; result: unknown } }
  | { readonly status: "error"; readonly error: string };

const AT_A_TIME = 8;

/**
 * Evaluates the expressions in Prometheus at `url` (without a path), at `time` (now when undefined); in their order.
 * @throws TypeError of fetch when it can't be reached.
 */
export async function samplePanels(
  url: string,
  expressions: readonly PanelExpression[],
  time?: Date,
): Promise<PanelSample[]> {
  const samples: PanelSample[] = [];
  for (let from = 0; from < expressions.length; from += AT_A_TIME) {
    const some = expressions.slice(from, from + AT_A_TIME);
    samples.push(...(await Promise.all(some.map((expression) => sample(url, expression, time)))));
  }
  return samples;
}

async function sample(url: string, panel: PanelExpression, time: Date | undefined): Promise<PanelSample> {
  const body = new URLSearchParams({ query: panel.expression });
  if (time !== undefined) body.set("time", time.toISOString());
  const response = await fetch(`${url}/api/v1/query`, { method: "POST", body });
  const answer = (await response.json()) as Answer;
  const values = answer.status === "success" ? valuesOf(answer.data) : [];
  const finite = values.filter(Number.isFinite);
  return {
    ...panel,
    series: values.length,
    notFinite: values.length - finite.length,
    lowest: finite.length > 0 ? Math.min(...finite) : undefined,
    highest: finite.length > 0 ? Math.max(...finite) : undefined,
    error: answer.status === "error" ? answer.error : undefined,
  };
}

/** Prometheus writes numbers as texts, with NaN, +Inf and -Inf. */
function valuesOf({ resultType, result }: { resultType: string; result: unknown }): number[] {
  const pairs = resultType === "scalar" ? [result] : (result as { value: unknown }[]).map(({ value }) => value);
  return (pairs as [number, string][]).map(([, text]) => Number(text.replace("Inf", "Infinity")));
}

/**
 * Whether the panel shows something else: other values, or more or fewer series. One that shows nothing any more hasn't
 * moved: the series of every process that dies do as much.
 */
export function hasMoved(before: PanelSample, during: PanelSample): boolean {
  if (during.series === 0) return false;
  return before.series !== during.series || before.lowest !== during.lowest || before.highest !== during.highest;
}
