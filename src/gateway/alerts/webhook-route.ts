import {
  REPORT_PROPERTIES,
  REPORT_REQUIRED,
  type ReportedAlert,
  readReport,
  type WrittenReport,
} from "../../contracts/alert-report.ts";
import type { FieldFault } from "../../contracts/field-fault.ts";
import { badRequest } from "../problem.ts";
import type { Gateway } from "../server.ts";

/** Stores alerts that Alertmanager told of; resolves when they can't be lost any more. */
export type TakeAlerts = (reports: readonly ReportedAlert[]) => Promise<void>;

type Notification = { readonly alerts: readonly (WrittenReport & { readonly status: "firing" | "resolved" })[] };

const MOST_ALERTS = 1_000;
const MOST_BODY_BYTES = 4 * 1024 * 1024;

/** What Alertmanager sends; members that aren't used may be anything. */
const NOTIFICATION = {
  type: "object",
  required: ["version", "alerts"],
  properties: {
    version: { type: "string", enum: ["4"] },
    alerts: {
      type: "array",
      maxItems: MOST_ALERTS,
      items: {
        type: "object",
        required: [...REPORT_REQUIRED, "status"],
        properties: { status: { type: "string", enum: ["firing", "resolved"] }, ...REPORT_PROPERTIES },
      },
    },
  },
};

/** Alertmanager's webhook. Anything but 2xx means that nothing was stored; after a 503 Alertmanager tries again. */
export function addWebhookRoute(gateway: Gateway, take: TakeAlerts): void {
  gateway.post<{ Body: Notification }>(
    "/v1/alertmanager",
    {
      bodyLimit: MOST_BODY_BYTES,
      config: { role: "alertmanager" },
      schema: {
        summary: "Alertmanager's webhook (version 4)",
        description: "Answered once the alerts are stored. Sending the same again changes nothing.",
        tags: ["alerts"],
        body: NOTIFICATION,
        response: {
          200: { type: "object", required: ["alerts"], properties: { alerts: { type: "integer" } } },
        },
      },
    },
    async ({ body }) => {
      const reports = readNotification(body);
      await take(reports);
      return { alerts: reports.length };
    },
  );
}

function readNotification({ alerts }: Notification): ReportedAlert[] {
  const faults: FieldFault[] = [];
  const reports = alerts.flatMap((alert, index) => {
    const report = readReport(alert, alert.status === "firing");
    if (!("faults" in report)) return [report];
    faults.push(...report.faults.map(({ field, detail }) => ({ field: `alerts.${index}.${field}`, detail })));
    return [];
  });
  if (faults.length > 0) throw badRequest("The notification has alerts that can't be stored; none was.", faults);
  return reports;
}
