import { expect, test } from "vitest";
import { goTo, lookAt, openBrowser, openConsole } from "../support/browser.ts";
import { drained } from "../support/drain.ts";
import { startGateway } from "../support/gateway.ts";
import { createMadeUp, sentOn } from "../support/made-up.ts";
import { publishAll } from "../support/publish.ts";
import { createTestBed } from "../support/test-bed.ts";

/** Every view is looked at four times, and axe looks too. */
const WITHIN_MS = 240_000;
/** Another filter is another feed, which takes a moment to come. */
const SOON = { timeout: 8_000 };
/** The ids of the feed's rows, newest first. */
const SHOWN_IDS = "[...document.querySelectorAll('.decisions tbody th')].map((cell) => cell.textContent)";

test("the console opens with its address, shows decisions as they are made, and all that is known of one", {
  timeout: WITHIN_MS,
}, async () => {
  const bed = await createTestBed();
  const scorer = bed.startScorer();
  await scorer.ready();
  const gateway = await startGateway(bed);
  const { token } = await gateway.token("admin");
  const browser = await openBrowser();
  const { page, faults, strangers } = await openConsole(browser, gateway.url, token, { consent: "refused" });

  const shownIds = async () => ((await page.evaluate(SHOWN_IDS)) as string[]).sort();
  await page.getByText("Healthy").first().waitFor();
  expect(page.url(), "the token is taken out of the address").toBe(`${gateway.url}/#/`);
  expect(await page.evaluate("sessionStorage.getItem('plumbline-token')")).toBe(token);
  await page.getByText("No decision yet").first().waitFor();
  await page.getByText("No verdict yet").first().waitFor();

  const now = Date.now();
  const applicants = createMadeUp(11);
  const first = applicants.usual(60, now - 1_000, now);
  // A scorer has several batches in flight; who is decided last is certain only of what is published last.
  for (const part of [first.slice(0, 1), first.slice(1, -1), first.slice(-1)]) {
    await publishAll(bed.js, sentOn("web", part));
    await drained(bed);
  }
  await page.getByRole("link", { name: first.at(-1)!.application_id }).waitFor();
  await page.getByText("60 decisions").waitFor();
  await lookAt(page, "overview", "Latest decisions");

  await goTo(page, "#/decisions");
  await page.getByRole("link", { name: first[0]!.application_id }).waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Older decisions" }).click();
  await page.getByRole("link", { name: first[0]!.application_id }).waitFor();
  expect(await page.evaluate(SHOWN_IDS)).toHaveLength(60);
  // Looking back pauses it.
  const second = applicants.usual(5, now, now + 1_000);
  await publishAll(bed.js, sentOn("branch", second));
  await page.getByRole("button", { name: "Show 5 newer" }).click();
  await page.getByRole("link", { name: second.at(-1)!.application_id }).waitFor();
  await lookAt(page, "decisions", "Main reason");

  await page.getByLabel("Channel").fill("branch");
  await page.getByLabel("Channel").press("Enter");
  await expect.poll(shownIds, SOON).toEqual(second.map(({ application_id }) => application_id).sort());
  await page.getByText("These are all there are.").waitFor();
  await goTo(page, "#/decisions?decision=decline");
  const { rows } = await bed.database.query("select application_id from public.scores where decision = 'decline'");
  const declined = rows.map(({ application_id }) => application_id as string);
  expect(declined.length).toBeGreaterThan(0);
  await expect.poll(shownIds, SOON).toEqual(declined.sort());
  await page.getByText("These are all there are.").waitFor();

  await page.keyboard.press("Control+k");
  await page.keyboard.type(declined[0]!);
  await page.keyboard.press("Enter");
  await page.getByText("Equal to the last bit").waitFor();
  expect(page.url()).toBe(`${gateway.url}/#/applications/${declined[0]}`);
  expect(await page.locator(".contributions tbody tr").count()).toBe(18);
  expect(await page.locator(".reasons li").count()).toBeGreaterThan(0);
  await lookAt(page, "application", "Equal to the last bit");

  await goTo(page, "#/applications/nobody-knows-it");
  await page.getByText("There is no decision for this id").waitFor();
  await lookAt(page, "application-unknown", "There is no decision for this id");
  await goTo(page, "#/session");
  await lookAt(page, "session", "Good until");
  await goTo(page, "#/no/such/view");
  await lookAt(page, "not-found", "There is nothing at this address");

  expect(faults).toEqual([]);
  expect(strangers, "everything comes from the gateway").toEqual([]);
  await bed.stopScorers();
});

test("a gateway that is killed is shown at once, and the feed goes on without a hole when it is back", {
  timeout: WITHIN_MS,
}, async () => {
  const bed = await createTestBed();
  const scorer = bed.startScorer();
  await scorer.ready();
  const gateway = await startGateway(bed);
  const { token } = await gateway.token("viewer");
  const browser = await openBrowser();
  const { page, faults } = await openConsole(browser, gateway.url, token, { consent: "refused" });
  await goTo(page, "#/decisions");
  const applicants = createMadeUp(12);
  const now = Date.now();
  const before = applicants.usual(20, now - 1_000, now);
  await publishAll(bed.js, sentOn("web", before));
  await page.getByRole("link", { name: before.at(-1)!.application_id }).waitFor();

  gateway.process.signal("SIGKILL");
  await gateway.process.ended;
  await page.getByText("Disconnected from the gateway.").waitFor({ timeout: 5_000 });
  expect(await page.locator(".strip").textContent()).toContain("Disconnected");
  expect(await page.locator(".strip").textContent()).not.toContain("Healthy");
  await lookAt(page, "disconnected", "Disconnected from the gateway.");
  const meanwhile = applicants.usual(120, now, now + 1_000);
  await publishAll(bed.js, sentOn("web", meanwhile));
  await drained(bed);

  await startGateway(bed, { PLUMBLINE_PORT: new URL(gateway.url).port });
  await page.getByText("Disconnected from the gateway.").waitFor({ state: "detached", timeout: 20_000 });
  const after = applicants.usual(5, now + 1_000, now + 2_000);
  await publishAll(bed.js, sentOn("web", after));
  await page.getByRole("link", { name: after.at(-1)!.application_id }).waitFor({ timeout: 20_000 });
  const shown = (await page.evaluate(SHOWN_IDS)) as string[];
  const expected = [...before, ...meanwhile, ...after].map(({ application_id }) => application_id);
  expect(shown).toHaveLength(expected.length);
  expect(shown.toSorted()).toEqual(expected.toSorted());
  expect(faults).toEqual([]);
  await bed.stopScorers();
});
