/** Colours and units that mean the same on every dashboard. */

/** The console's own, at a lightness that reads on Grafana's dark and light grounds. */
export const COLOUR = {
  good: "#3fa37c",
  warning: "#e0b02e",
  critical: "#e0503a",
  neutral: "#62a0d0",
  faint: "#8490a1",
  approve: "#2f8fd0",
  refer: "#d9a62e",
  decline: "#9a4a9f",
} as const;

/** Grafana's names of units; `suffix:` is any text after the number. */
export const UNIT = {
  perSecond: "suffix: /s",
  perMinute: "suffix: /min",
  requestsPerSecond: "reqps",
  seconds: "s",
  /** From seconds to days, in words. */
  duration: "dtdurations",
  share: "percentunit",
  bytes: "bytes",
  count: "short",
  /** A bare number: an index, a level, a multiple. */
  number: "none",
} as const;
