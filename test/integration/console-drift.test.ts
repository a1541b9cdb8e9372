import { expect, test } from "vitest";
import { goTo, lookAt, openBrowser, openConsole } from "../support/browser.ts";
import { drained } from "../support/drain.ts";
import { finishDrift } from "../support/drift-bed.ts";
import { startGateway } from "../support/gateway.ts";
import { createMadeUp, sentOn } from "../support/made-up.ts";
import { publishAll } from "../support/publish.ts";
import { createTestBed } from "../support/test-bed.ts";

const HOUR_MS = 3_600_000;
const START = Date.UTC(2025, 0, 1);
const hour = (number: number) => START + number * HOUR_MS;
const WITHIN_MS = 240_000;
/** Two periods of its heartbeat, one of the page's question, and a busy machine's delay. */
const STALE_WITHIN_MS = 8_000;

test("the console shows what has drifted and how, and a drift monitor that falls silent as stale", {
  timeout: WITHIN_MS,
}, async () => {
  const settings = { DRIFT_WINDOW: "1h", DRIFT_MIN_SAMPLES: "100" };
  const bed = await createTestBed(settings);
  const scorer = bed.startScorer();
  await scorer.ready();
  const madeUp = createMadeUp(6);
  const usual = madeUp.usual(600, hour(0), hour(3));
  await publishAll(bed.js, sentOn("web", [...usual, ...madeUp.shifted(600, hour(3), hour(6))]));
  await drained(bed);
  await finishDrift(bed, settings);
  const monitor = bed.startDrift(settings);
  await monitor.ready();
  const gateway = await startGateway(bed);
  const { token } = await gateway.token("viewer");
  const browser = await openBrowser();
  const { page, faults } = await openConsole(browser, gateway.url, token, { consent: "refused" });

  await page.getByRole("heading", { name: "What moved" }).waitFor();
  await page.getByRole("link", { name: "Term months" }).waitFor();
  await lookAt(page, "overview-drifted", "What moved");

  await goTo(page, "#/drift");
  await page.locator("#drift-head", { hasText: /Warning|Critical/ }).waitFor();
  const first = page.locator(".features tbody tr").first();
  expect(await first.textContent()).toMatch(/drift/i);
  expect(await page.locator(".features tbody tr").count()).toBe(18);
  const term = page.getByRole("button", { name: "Term months" });
  await term.focus();
  await page.keyboard.press("Enter");
  expect(await term.getAttribute("aria-expanded")).toBe("true");
  const details = page.locator(".feature-details");
  await details.getByRole("row", { name: /^60/ }).waitFor();
  const shares = await details.getByRole("row", { name: /^60/ }).locator(".figure").allTextContents();
  const [reference, current] = shares.map((share) => Number.parseFloat(share));
  expect(current! - reference!, "more terms of 60 months than in the reference").toBeGreaterThan(15);
  expect(page.url(), "an address that can be sent to somebody").toContain("feature=term_months");
  await lookAt(page, "drift", "Next:");

  for (let window = 0; window < 4; window++) await page.getByRole("button", { name: "Earlier window" }).click();
  await page.locator("#drift-head", { hasText: "No drift" }).waitFor();
  await page.getByRole("link", { name: "Back to the latest" }).click();
  await page.locator("#drift-head", { hasText: /Warning|Critical/ }).waitFor();

  monitor.signal("SIGKILL");
  await monitor.ended;
  await page.locator(".strip").getByText("Stale").waitFor({ timeout: STALE_WITHIN_MS });
  await page.locator(".strip").getByText("Degraded").waitFor();
  await goTo(page, "#/");
  await page.getByText(/The drift monitor has been silent for/).waitFor();
  await lookAt(page, "stale", "The drift monitor has been silent for");
  expect(faults).toEqual([]);
  await bed.stopScorers();
});
