import { ALERT_SEVERITIES, ALERT_STATUSES, type AlertSeverity, type AlertStatus } from "../../src/contracts/alert.ts";
import { APPLICATION_ID, CHANNEL } from "../../src/contracts/application.ts";
import { DECISIONS, type Decision } from "../../src/contracts/score.ts";

/** What the page shows. It lives behind the #, so that any path of any server can serve the page. */
export type Route =
  | { readonly view: "overview" }
  | { readonly view: "decisions"; readonly channel: string | null; readonly decision: Decision | null }
  | { readonly view: "application"; readonly id: string }
  | {
      readonly view: "drift";
      readonly channel: string | null;
      readonly report: string | null;
      readonly feature: string | null;
    }
  | {
      readonly view: "alerts";
      readonly filter: AlertFilter;
      /** The episode that is open; an alert's name can be in several of them. */
      readonly open: { readonly name: string; readonly id: number } | null;
    }
  | { readonly view: "dead_letters"; readonly name: string | null }
  | { readonly view: "session" }
  | { readonly view: "unknown" };

/** Null lets all pass. */
export type AlertFilter = {
  readonly status: AlertStatus | null;
  readonly severity: AlertSeverity | null;
  readonly name: string | null;
};

export const ALL_ALERTS: AlertFilter = { status: null, severity: null, name: null };

export type View = Route["view"];

/** The route of a hash, such as #/decisions?channel=web. What can't be understood in a query is left out. */
export function parseRoute(hash: string): Route {
  const [path = "", search = ""] = hash.replace(/^#/, "").split("?", 2);
  const query = new URLSearchParams(search);
  const [first = "", second, ...rest] = path.split("/").slice(1);
  if (first === "alerts") return alertsRoute([second, ...rest], query);
  if (rest.length > 0) return { view: "unknown" };
  if (second === undefined) {
    if (first === "") return { view: "overview" };
    if (first === "session") return { view: "session" };
    if (first === "decisions") {
      const decision = DECISIONS.find((known) => known === query.get("decision")) ?? null;
      return { view: "decisions", channel: channelOf(query), decision };
    }
  }
  if (first === "applications" && second !== undefined) {
    const id = decoded(second);
    return id !== null && APPLICATION_ID.test(id) ? { view: "application", id } : { view: "unknown" };
  }
  if (first === "drift") {
    return {
      view: "drift",
      channel: channelOf(query),
      report: second === undefined ? null : decoded(second),
      feature: query.get("feature"),
    };
  }
  if (first === "dead-letters") return { view: "dead_letters", name: second === undefined ? null : decoded(second) };
  return { view: "unknown" };
}

/** The address of a route, for links. */
export function hrefOf(route: Exclude<Route, { view: "unknown" }>): string {
  switch (route.view) {
    case "overview":
      return "#/";
    case "decisions":
      return `#/decisions${queryOf({ channel: route.channel, decision: route.decision })}`;
    case "application":
      return `#/applications/${encodeURIComponent(route.id)}`;
    case "drift": {
      const report = route.report === null ? "" : `/${encodeURIComponent(route.report)}`;
      return `#/drift${report}${queryOf({ channel: route.channel, feature: route.feature })}`;
    }
    case "alerts": {
      const { filter, open } = route;
      const path = open === null ? "" : `/${encodeURIComponent(open.name)}/${open.id}`;
      return `#/alerts${path}${queryOf(filter)}`;
    }
    case "dead_letters":
      return `#/dead-letters${route.name === null ? "" : `/${encodeURIComponent(route.name)}`}`;
    case "session":
      return "#/session";
  }
}

/** #/alerts, or #/alerts/NAME/ID. */
function alertsRoute([part, id, ...rest]: readonly (string | undefined)[], query: URLSearchParams): Route {
  const filter = {
    status: ALERT_STATUSES.find((known) => known === query.get("status")) ?? null,
    severity: ALERT_SEVERITIES.find((known) => known === query.get("severity")) ?? null,
    name: query.get("name") || null,
  };
  if (part === undefined) return { view: "alerts", filter, open: null };
  const name = decoded(part);
  if (!name || id === undefined || !/^[1-9]\d{0,14}$/.test(id) || rest.length > 0) return { view: "unknown" };
  return { view: "alerts", filter, open: { name, id: Number(id) } };
}

function channelOf(query: URLSearchParams): string | null {
  const channel = query.get("channel");
  return channel !== null && CHANNEL.test(channel) ? channel : null;
}

function decoded(part: string): string | null {
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}

function queryOf(query: Readonly<Record<string, string | null>>): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== null);
  return given.length === 0 ? "" : `?${new URLSearchParams(given)}`;
}
