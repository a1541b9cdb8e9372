/**
 * A drift metric of the consumer that made its model's newest report: others, if several run, may show an older one. The
 * alerts look at the same. Before a model's first report, which takes a window, of any: the sliding view is there at once.
 */
export function newestOf(metric: string): string {
  return `(${metric} and on (instance, model) plumbline:drift:newest_report or on (model) ${metric})`;
}

export function verdictOf(metric: string): string {
  return `max by (model) ${newestOf(metric)}`;
}
