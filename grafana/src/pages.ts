/** Every dashboard's place: the order of the links on top of each, which is the order to look in. */
export const PAGES = {
  overview: { uid: "plumbline-overview", title: "Overview", about: "Is it well? Start here." },
  pipeline: { uid: "plumbline-pipeline", title: "Pipeline", about: "Work, time per stage, backlog, faults." },
  model: { uid: "plumbline-model", title: "Model & decisions", about: "What is live and what it decides." },
  drift: { uid: "plumbline-drift", title: "Drift", about: "Has the world moved since training?" },
  api: { uid: "plumbline-api", title: "API & clients", about: "Requests, streams, browsers." },
  errors: { uid: "plumbline-errors", title: "Errors", about: "What failed, and which alerts it raised." },
  runtime: { uid: "plumbline-runtime", title: "Runtime & infrastructure", about: "Processes, broker, database, disk." },
} as const;

export type Page = (typeof PAGES)[keyof typeof PAGES];

/** The address of a dashboard inside Grafana, at the time range and data source that are being looked at. */
export function addressOf({ uid }: Page): string {
  return `/d/${uid}?\${__url_time_range}&\${datasource:queryparam}`;
}
