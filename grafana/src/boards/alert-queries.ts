import { UNIT } from "../style.ts";

/** The alerts that fire now with how long their condition has held, for the table on two dashboards. */
export const FIRING_TABLE = {
  title: "Alerts that fire",
  description:
    "Alerts that fire now, longest first; without those of severity none. Each has a runbook: docs/runbooks/<alert>.md.",
  unit: UNIT.duration,
  queries: [
    {
      expression:
        '(time() - ALERTS_FOR_STATE{severity!="none"}) and ignoring (alertstate) ALERTS{alertstate="firing", severity!="none"}',
      legend: "",
    },
  ],
  columns: {
    alertname: "Alert",
    severity: "Severity",
    role: "Role",
    model: "Model",
    feature: "Feature",
    stream: "Stream",
    Value: "For",
  },
  sortBy: "-For",
  none: "No alert fires",
} as const;
