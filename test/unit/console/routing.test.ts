import { describe, expect, it } from "vitest";
import { hrefOf, parseRoute, type Route } from "../../../console/src/routing.ts";

const ROUTES: Exclude<Route, { view: "unknown" }>[] = [
  { view: "overview" },
  { view: "decisions", channel: null, decision: null },
  { view: "decisions", channel: "web", decision: "decline" },
  { view: "application", id: "LC-000001" },
  { view: "drift", channel: null, report: null, feature: null },
  { view: "drift", channel: "partner", report: "17", feature: "annual_income" },
  { view: "alerts", filter: { status: null, severity: null, name: null }, open: null },
  { view: "alerts", filter: { status: "firing", severity: "page", name: "A" }, open: { name: "A/B c", id: 17 } },
  { view: "dead_letters", name: null },
  { view: "dead_letters", name: "applications-17" },
  { view: "session" },
];

describe("the console's addresses", () => {
  it("lead back to the view that they are of", () => {
    for (const route of ROUTES) expect(parseRoute(hrefOf(route))).toEqual(route);
  });

  it("without anything are the overview", () => {
    for (const hash of ["", "#", "#/"]) expect(parseRoute(hash)).toEqual({ view: "overview" });
  });

  it("leave out of a query what can't be understood", () => {
    expect(parseRoute("#/decisions?channel=No%20Channel&decision=maybe&x=1")).toEqual({
      view: "decisions",
      channel: null,
      decision: null,
    });
    expect(parseRoute("#/alerts?status=loud&severity=high&name=")).toEqual({
      view: "alerts",
      filter: { status: null, severity: null, name: null },
      open: null,
    });
  });

  it("are unknown when there is no such view, or no such id", () => {
    for (const hash of [
      "#/nowhere",
      "#/drift/1/2",
      "#/applications/%E0%A4%A",
      "#/applications/a%20b",
      "#/alerts/A",
      "#/alerts/A/x",
      "#/alerts/A/1/2",
    ]) {
      expect({ hash, route: parseRoute(hash) }).toEqual({ hash, route: { view: "unknown" } });
    }
  });
});
