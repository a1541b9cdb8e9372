const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000, y: 31_536_000_000 } as const;
const DURATION = "(?:\\d+(?:ms|[smhdwy]))+";
/** With a scrape a second a rate needs some samples, however short its window is made. */
const SHORTEST_RANGE_MS = 5_000;
const SHORTEST_MS = 1_000;

/** `[5m]` and `[1d:5m]`; `offset 1h`; the settings of rules and of Alertmanager's routes. Names like rate5m stay. */
const RANGE = new RegExp(`\\[(${DURATION})(?::(${DURATION}))?\\]`, "g");
const OFFSET = new RegExp(`(\\boffset +)(${DURATION})`, "g");
const SETTING = new RegExp(
  `^( *(?:- +)?(?:for|keep_firing_for|interval|group_wait|group_interval|repeat_interval): +)(${DURATION})( *)$`,
  "gm",
);

/**
 * The text of a rule file, or of alertmanager.yml, with every duration divided by `factor`, so that what takes hours can
 * be watched in minutes. No range gets shorter than 5 s, nothing else than 1 s. Thresholds are left as they are, also those
 * in seconds.
 */
export function scaleRules(text: string, factor: number): string {
  const scaled = (duration: string, shortest: number) =>
    `${Math.max(shortest, Math.round(milliseconds(duration) / factor))}ms`;
  return text
    .replace(RANGE, (_, range: string, step: string | undefined) => {
      const resolution = step === undefined ? "" : `:${scaled(step, SHORTEST_MS)}`;
      return `[${scaled(range, SHORTEST_RANGE_MS)}${resolution}]`;
    })
    .replace(OFFSET, (_, words: string, offset: string) => words + scaled(offset, SHORTEST_MS))
    .replace(SETTING, (_, key: string, value: string, end: string) => key + scaled(value, SHORTEST_MS) + end);
}

function milliseconds(duration: string): number {
  const parts = duration.matchAll(/(\d+)(ms|[smhdwy])/g);
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * UNITS[unit as keyof typeof UNITS], 0);
}
