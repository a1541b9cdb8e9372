import { Ajv } from "ajv";
import {
  REPORT_PROPERTIES,
  REPORT_REQUIRED,
  type ReportedAlert,
  readReport,
  type WrittenReport,
} from "../contracts/alert-report.ts";
import { OWN_SCHEMA } from "../platform/own-schema.ts";

/** What Alertmanager knows at a moment. */
export type AlertmanagerView = {
  /** Of every alert that it holds, silenced and inhibited ones too. */
  readonly fingerprints: ReadonlySet<string>;
  /** Those that it tells of. */
  readonly active: readonly ReportedAlert[];
  /** Alerts that can't be stored, each with its fingerprint and what is wrong. */
  readonly unreadable: readonly string[];
  /** How long it has run, in milliseconds; one that was just started knows nothing yet. */
  readonly upMs: number;
};

type WrittenAlert = WrittenReport & { readonly status: { readonly state: string } };

const ANSWER_WITHIN_MS = 10_000;

const isAlertList = new Ajv({ ...OWN_SCHEMA, formats: { "date-time": true } }).compile<{ fingerprint: string }[]>({
  type: "array",
  items: { type: "object", required: ["fingerprint"], properties: { fingerprint: { type: "string" } } },
});
const isAlert = new Ajv({ ...OWN_SCHEMA, formats: { "date-time": true } }).compile<WrittenAlert>({
  type: "object",
  required: [...REPORT_REQUIRED, "status"],
  properties: {
    ...REPORT_PROPERTIES,
    status: { type: "object", required: ["state"], properties: { state: { type: "string" } } },
  },
});

/** @throws Error when it doesn't answer in time, or not as Alertmanager does. */
export async function askAlertmanager(address: string, signal: AbortSignal): Promise<AlertmanagerView> {
  const within = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]);
  const { body: status, date } = await get(address, "status", within);
  const startedAt = Date.parse(String((status as { uptime?: unknown } | null)?.uptime));
  const { body: alerts } = await get(address, "alerts", within);
  if (!isAlertList(alerts) || Number.isNaN(startedAt)) {
    throw new Error("what answers at ALERTS_ALERTMANAGER_URL isn't an Alertmanager with API v2");
  }
  const active: ReportedAlert[] = [];
  const unreadable: string[] = [];
  for (const alert of alerts) {
    if (!isAlert(alert)) unreadable.push(`${alert.fingerprint} doesn't fit the API`);
    else if (alert.status.state === "active") {
      const report = readReport(alert, true);
      if ("faults" in report) {
        const faults = report.faults.map(({ field, detail }) => `${field} ${detail}`);
        unreadable.push(`${alert.fingerprint}: ${faults.join("; ")}`);
      } else active.push(report);
    }
  }
  return {
    fingerprints: new Set(alerts.map(({ fingerprint }) => fingerprint)),
    active,
    unreadable,
    // Both by its own clock.
    upMs: date - startedAt,
  };
}

async function get(address: string, what: string, signal: AbortSignal): Promise<{ body: unknown; date: number }> {
  const url = new URL(address);
  const { username, password } = url;
  // fetch takes no address with a password in it.
  url.username = "";
  url.password = "";
  url.pathname = `${url.pathname.replace(/\/$/, "")}/api/v2/${what}`;
  const credentials = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString("base64");
  const response = await fetch(url, {
    signal,
    headers: { accept: "application/json", ...(username !== "" && { authorization: `Basic ${credentials}` }) },
  });
  if (!response.ok) {
    await response.body?.cancel();
    throw new Error(`Alertmanager answers ${response.status} for /api/v2/${what}`);
  }
  const date = Date.parse(response.headers.get("date") ?? "");
  return { body: await response.json(), date: Number.isNaN(date) ? Date.now() : date };
}
