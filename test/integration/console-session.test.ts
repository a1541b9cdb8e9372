import { expect, test } from "vitest";
import { lookAt, openBrowser, openConsole } from "../support/browser.ts";
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
