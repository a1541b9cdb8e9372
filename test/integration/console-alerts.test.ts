import { afterAll, beforeAll, expect, test } from "vitest";
import { goTo, lookAt, openBrowser, openConsole } from "../support/browser.ts";
import { startGateway, type TestGateway } from "../support/gateway.ts";
import { type NotifiedAlert, notification, notifiedAlert } from "../support/notifications.ts";
import { createSharedBed } from "../support/test-bed.ts";

/** Every view is looked at four times, and axe looks too. */
const WITHIN_MS = 240_000;
/** The gateway counts every two seconds, the page asks every second; the rest is a busy machine's. */
const SOON = { timeout: 8_000 };
const MINUTE_MS = 60_000;
/** The names in the list, from the top, each with whether it fires. */
const LISTED = `[...document.querySelectorAll('.alert-list tr:not(.group) th a')].map((a) => a.textContent + " " + a.closest("tr").classList[0])`;

let gateway: TestGateway;
let token: string;
let end: () => Promise<void>;

beforeAll(async () => {
  const shared = await createSharedBed();
  end = shared.end;
  gateway = await startGateway(shared.bed);
  ({ token } = await gateway.token("viewer"));
}, 60_000);
afterAll(() => end(), 60_000);

async function notify(...alerts: readonly NotifiedAlert[]): Promise<void> {
  const { status } = await gateway.post("alertmanager", "/v1/alertmanager", notification(...alerts));
  expect(status).toBe(200);
}

function about(alert: NotifiedAlert, labels: object, annotations: object = {}): NotifiedAlert {
  return {
    ...alert,
    labels: { ...alert.labels, ...labels },
    annotations: { ...alert.annotations, runbook_url: `/runbooks/${alert.labels.alertname}.md`, ...annotations },
  };
}

test("a gateway that answers without figures is shown with its reason, and nothing as being of now", {
  timeout: WITHIN_MS,
}, async () => {
  const browser = await openBrowser();
  const { page, faults } = await openConsole(browser, gateway.url, token, { consent: "refused" });
  const strip = page.locator(".strip");
  await strip.getByText("Not watched").waitFor();
  // As a reverse proxy does while no gateway behind it is ready.
  const detail = "No gateway is ready.";
  const body = JSON.stringify({ type: "about:blank", title: "Service unavailable", status: 503, detail });
  const isStatus = (url: URL) => url.pathname === "/v1/status";
  await page.route(isStatus, (route) =>
    route.fulfill({ status: 503, contentType: "application/problem+json", headers: { "retry-after": "1" }, body }),
  );
  await strip.getByText("No figures").waitFor(SOON);
  await page.getByRole("alert").getByText(detail).waitFor();
  expect(await page.locator(".strip .good, .verdict.good").count(), "nothing is green").toBe(0);
  await page.unroute(isStatus);
  await strip.getByText("No figures").waitFor({ state: "detached", ...SOON });
  await page.getByRole("alert").waitFor({ state: "detached" });
  expect(faults).toEqual([]);
});

test("alerts show within seconds of their notification, can be filtered, and tell their history and what to do", {
  timeout: WITHIN_MS,
}, async () => {
  const browser = await openBrowser();
  const { page, faults, strangers } = await openConsole(browser, gateway.url, token, { consent: "refused" });
  const strip = page.locator(".strip");
  await strip.getByText("Not watched").waitFor();
  await goTo(page, "#/alerts");
  await page.getByText("No alert yet").waitFor();

  const now = Date.now();
  const stalled = {
    summary: "Applications wait and none is decided",
    description: "431 applications wait on the broker, and for two minutes no scorer has settled any.",
  };
  const pageAlert = (from: number, to?: number) =>
    about(
      notifiedAlert("ScoringStalled", {
        startsAt: now - from * MINUTE_MS,
        ...(to && { endsAt: now - to * MINUTE_MS }),
      }),
      {},
      stalled,
    );
  await notify(notifiedAlert("Watchdog", { severity: "none", startsAt: now - 300 * MINUTE_MS }));
  await strip.getByText("None", { exact: true }).waitFor(SOON);
  await notify(pageAlert(200, 188), pageAlert(90, 70));
  await notify(pageAlert(7));
  await strip.getByText("1 page").waitFor(SOON);
  await page.getByRole("link", { name: "ScoringStalled" }).first().waitFor(SOON);
  await notify(
    about(
      notifiedAlert("HighApiLatency", { severity: "ticket", startsAt: now - 2 * MINUTE_MS }),
      { role: "gateway", instance: "127.0.0.1:8080", route: "/v1/applications" },
      { summary: "The API answers slowly", description: "95 % of requests take up to 0.41 s; promised are 0.2 s." },
    ),
    about(
      notifiedAlert("FeatureDrift", {
        severity: "ticket",
        startsAt: now - 50 * MINUTE_MS,
        endsAt: now - 20 * MINUTE_MS,
      }),
      { model: "lendingclub", feature: "annual_income" },
      { summary: "annual_income has drifted" },
    ),
  );
  await strip.getByText("1 page, 1 ticket").waitFor(SOON);
  await page.getByRole("link", { name: "HighApiLatency" }).waitFor(SOON);
  expect(await page.evaluate(LISTED)).toEqual([
    "ScoringStalled firing",
    "HighApiLatency firing",
    "Watchdog firing",
    "FeatureDrift resolved",
    "ScoringStalled resolved",
    "ScoringStalled resolved",
  ]);
  await lookAt(page, "alerts", "Resolved");

  await page.getByText("Ticket", { exact: true }).first().click();
  await expect.poll(() => page.evaluate(LISTED), SOON).toEqual(["HighApiLatency firing", "FeatureDrift resolved"]);
  await page.getByText("Firing", { exact: true }).first().click();
  await expect.poll(() => page.evaluate(LISTED), SOON).toEqual(["HighApiLatency firing"]);
  expect(page.url(), "an address that can be sent to somebody").toContain("#/alerts?status=firing&severity=ticket");
  await page.getByLabel("Name").fill("Nothing");
  await page.keyboard.press("Enter");
  await page.getByText("None of these fires").waitFor();
  await page.getByRole("link", { name: "show all alerts" }).click();

  // With the keyboard alone: open, read, close, and go on where it was.
  const first = page.locator(".alert-list a").first();
  await first.focus();
  await page.keyboard.press("Enter");
  const panel = page.locator(".alert-panel");
  await panel.getByText("It fired 3 times").waitFor();
  await expect.poll(() => page.evaluate("document.activeElement.textContent"), SOON).toBe("ScoringStalled");
  expect(await panel.locator(".episodes tbody tr").count()).toBe(3);
  const runbook = await panel.getByRole("link", { name: /^Runbook/ }).getAttribute("href");
  expect(runbook).toBe(`${gateway.url}/runbooks/ScoringStalled.md`);
  expect(await (await fetch(runbook!)).text()).toContain("<h1>ScoringStalled</h1>");
  for (const other of ["Nothing.md", "..%2Falerts.md", "ScoringStalled"]) {
    expect((await fetch(`${gateway.url}/runbooks/${other}`)).status).toBe(404);
  }
  await panel.getByRole("heading", { name: "Mitigation" }).waitFor();
  await lookAt(page, "alert", "It fired 3 times");
  await page.keyboard.press("Escape");
  await panel.waitFor({ state: "detached" });
  await expect.poll(() => page.evaluate("document.activeElement.textContent"), SOON).toBe("ScoringStalled");

  await goTo(page, "#/");
  await page.getByRole("heading", { name: "Firing" }).waitFor();
  await lookAt(page, "overview-alerts", "The API answers slowly");
  await notify(pageAlert(7, 1));
  await strip.getByText("1 ticket", { exact: true }).waitFor(SOON);
  await page.getByRole("link", { name: "ScoringStalled" }).waitFor({ state: "detached" });

  await goTo(page, "#/alerts");
  await page.getByRole("link", { name: "HighApiLatency" }).waitFor();
  gateway.process.signal("SIGKILL");
  await gateway.process.ended;
  await page.getByText("Disconnected from the gateway.").waitFor(SOON);
  await page.getByText(/asking again failed/).waitFor(SOON);
  expect(await page.locator(".alerts .panel.old").count(), "it looks as old as it is").toBe(1);
  expect({ faults, strangers }).toEqual({ faults: [], strangers: [] });
});
