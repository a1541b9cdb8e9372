/**
 * A drift metric of the consumer that made its model's newest report: others, if several run, may show an older one. The
 * alerts look at the same.
 */
export function newestOf(metric: string): string {
  return `(${metric} and on (instance, model) plumbline:drift:newest_report)`;
}

export function verdictOf(metric: string): string {
  return `max by (model) ${newestOf(metric)}`;
}
