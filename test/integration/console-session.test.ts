import { expect, test } from "vitest";
import { goTo, lookAt, openBrowser, openConsole } from "../support/browser.ts";
import { eventually } from "../support/eventually.ts";
import { startGateway } from "../support/gateway.ts";
import { createTestBed } from "../support/test-bed.ts";

const WITHIN_MS = 240_000;

test("without a token that is good the console asks for one, and says why", { timeout: WITHIN_MS }, async () => {
  const bed = await createTestBed();
  const gateway = await startGateway(bed);
  const browser = await openBrowser();
  const { page, faults } = await openConsole(browser, gateway.url, undefined, { consent: "refused" });
  await lookAt(page, "sign-in", "Access token");
  await page.getByLabel("Access token").fill("no.token.ofours");
  await page.keyboard.press("Enter");
  await page.getByText("Signed out.").waitFor();
  expect(await page.evaluate("sessionStorage.getItem('plumbline-token')")).toBeNull();

  const { token } = await gateway.token("viewer");
  await page.getByLabel("Access token").fill(token);
  await page.keyboard.press("Enter");
  await page.getByText("No scorer yet").first().waitFor();
  await page.getByRole("link", { name: "Session and settings" }).click();
  await page.getByText("viewer", { exact: false }).first().waitFor();
  await page.getByText("Dark", { exact: true }).click();
  expect(await page.evaluate("getComputedStyle(document.body).backgroundColor")).toBe("rgb(15, 19, 24)");
  await page.getByRole("button", { name: "Sign out of this tab" }).click();
  await page.getByLabel("Access token").waitFor();
  expect(faults).toEqual([]);
});

test("the page measures itself only after somebody allows it, and its web vitals and exceptions arrive as metrics", {
  timeout: WITHIN_MS,
}, async () => {
  const bed = await createTestBed();
  const gateway = await startGateway(bed);
  const { token } = await gateway.token("viewer");
  const browser = await openBrowser();
  const { page } = await openConsole(browser, gateway.url, token);
  const sent: string[] = [];
  page.on("request", (request) => {
    if (request.url().endsWith("/collect")) sent.push(request.postData() ?? "");
  });
  await page.getByText("May this page measure").waitFor();
  await lookAt(page, "consent", "May this page measure");
  await page.getByRole("button", { name: "Don't allow" }).click();
  await page.getByText("May this page measure").waitFor({ state: "detached" });
  await page.reload();
  await page.getByRole("heading", { name: "Latest decisions" }).waitFor();
  await page.goto("about:blank");
  expect(sent, "nothing leaves the page without consent").toEqual([]);

  await page.goto(`${gateway.url}/`);
  await goTo(page, "#/session");
  await page.getByText("Allowed", { exact: true }).click();
  await goTo(page, "#/applications/secret-id-of-somebody");
  await page.getByText("There is no decision for this id").waitFor();
  await page.reload();
  await page.getByText("There is no decision for this id").waitFor();
  await page.evaluate("void setTimeout(() => { throw new RangeError('of the test'); })");
  await eventually("the exception is told", () => sent.some((body) => body.includes("RangeError")), {
    withinMs: 10_000,
  });
  // What was shifted and what was painted last is known when the page is left.
  await page.goto("about:blank");
  const metrics = async () => (await fetch(`${gateway.url}/metrics`)).text();
  await eventually(
    "web vitals are metrics",
    async () => {
      const text = await metrics();
      return ["lcp", "fcp", "ttfb"].every((name) =>
        new RegExp(`^plumbline_web_vital_seconds_count\\{name="${name}"\\} [1-9]`, "m").test(text),
      );
    },
    { withinMs: 10_000 },
  );
  expect(await metrics()).toMatch(/^plumbline_web_vital_cls_count [1-9]/m);
  expect(await metrics()).toMatch(/^plumbline_web_exceptions_total 1$/m);
  expect(sent.join(), "which application was looked at is nobody's business").not.toContain("secret-id-of-somebody");
  expect(sent.join()).not.toContain(token);
});
