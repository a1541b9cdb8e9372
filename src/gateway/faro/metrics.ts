import { Counter, Histogram, type Registry } from "prom-client";
import { type Telemetry, TIMED_VITALS } from "./payload.ts";

/** Edges at "good" and "poor" of web.dev's thresholds: LCP 2.5 and 4 s, INP 0.2 and 0.5 s, FCP 1.8 and 3 s, TTFB 0.8 and 1.8 s. */
const SECONDS = [0.05, 0.1, 0.2, 0.5, 0.8, 1, 1.8, 2.5, 3, 4, 8, 20];
/** And for layout shifts: 0.1 and 0.25. */
const SHIFTS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1];
const OUTCOMES = ["accepted", "forwarded", "invalid", "not_forwarded"] as const;

export type FaroMetrics = {
  note(telemetry: Telemetry): void;
  answered(outcome: (typeof OUTCOMES)[number]): void;
};

export function createFaroMetrics(registry: Registry): FaroMetrics {
  const registers = [registry];
  const seconds = new Histogram({
    name: "plumbline_web_vital_seconds",
    help: "Web vitals of the console's users that are times.",
    labelNames: ["name"],
    buckets: SECONDS,
    registers,
  });
  const shifts = new Histogram({
    name: "plumbline_web_vital_cls",
    help: "Cumulative layout shift of the console's pages.",
    buckets: SHIFTS,
    registers,
  });
  const exceptions = new Counter({
    name: "plumbline_web_exceptions_total",
    help: "Exceptions in the console's users' browsers.",
    registers,
  });
  const requests = new Counter({
    name: "plumbline_faro_requests_total",
    help: "Telemetry that browsers sent, by what became of it.",
    labelNames: ["outcome"],
    registers,
  });
  // From the first visit on a rate shows something.
  for (const name of TIMED_VITALS) seconds.zero({ name });
  for (const outcome of OUTCOMES) requests.inc({ outcome }, 0);
  return {
    note(telemetry) {
      for (const vital of telemetry.vitals) seconds.observe({ name: vital.name }, vital.seconds);
      for (const shift of telemetry.layoutShifts) shifts.observe(shift);
      exceptions.inc(telemetry.exceptions.length);
    },
    answered: (outcome) => requests.inc({ outcome }),
  };
}
