import { expect, test } from "vitest";
import { goTo, lookAt, openBrowser, openConsole } from "../support/browser.ts";
import { drained } from "../support/drain.ts";
import { startGateway } from "../support/gateway.ts";
import { createMadeUp } from "../support/made-up.ts";
import { createTestBed } from "../support/test-bed.ts";

const WITHIN_MS = 240_000;

test("dead letters are inspected by those who may and published again by those who may", {
  timeout: WITHIN_MS,
}, async () => {
  const bed = await createTestBed();
  const scorer = bed.startScorer();
  await scorer.ready();
  const now = Date.now();
  const [good] = createMadeUp(13).usual(1, now, now + 1);
  await bed.js.publish("applications.NORTH.1", JSON.stringify(good));
  await bed.js.publish("applications.web", '{"application_id":"cut-off",');
  await drained(bed);
  const gateway = await startGateway(bed);
  const browser = await openBrowser();

  const reviewer = await openConsole(browser, gateway.url, (await gateway.token("reviewer")).token, {
    consent: "refused",
  });
  await goTo(reviewer.page, "#/dead-letters");
  await reviewer.page.getByRole("link", { name: "applications-2" }).click();
  await reviewer.page.getByLabel("Payload").getByText('{"application_id":"cut-off",').waitFor();
  await reviewer.page.getByText("Publishing it again takes the role admin.").waitFor();

  const viewer = await openConsole(browser, gateway.url, (await gateway.token("viewer")).token, { consent: "refused" });
  await goTo(viewer.page, "#/dead-letters/applications-2");
  await viewer.page.getByText("The payload isn't for this token").waitFor();
  expect(await viewer.page.content()).not.toContain("cut-off");

  const { page, faults } = await openConsole(browser, gateway.url, (await gateway.token("admin")).token, {
    consent: "refused",
  });
  await goTo(page, "#/dead-letters");
  await page.getByRole("link", { name: "applications-1" }).waitFor();
  await lookAt(page, "dead-letters", "the event is not valid JSON");
  await page.getByLabel("Reason").selectOption("malformed_json");
  await page.getByRole("link", { name: "applications-1" }).waitFor({ state: "detached" });
  await page.getByLabel("Reason").selectOption("poison");
  await page.getByText("None for the reason poison").waitFor();
  await page.getByLabel("Reason").selectOption("");

  await page.getByRole("link", { name: "applications-1" }).click();
  await page.getByLabel("Payload").getByText(good!.application_id).waitFor();
  await lookAt(page, "dead-letter", "Publish again");
  await page.getByRole("button", { name: "Publish again" }).click();
  expect(await page.getByText("Published again").count(), "a channel is needed").toBe(0);
  await page.getByLabel("Channel", { exact: true }).fill("north");
  await page.getByRole("button", { name: "Publish again" }).click();
  await page.getByText("Published again").waitFor();
  await page.getByRole("link", { name: "applications-1" }).waitFor({ state: "detached" });
  await drained(bed);
  await goTo(page, `#/applications/${good!.application_id}`);
  await page.getByText("Equal to the last bit").waitFor();
  const { rows } = await bed.database.query("select name, action, subject, result from plumbline.audit");
  expect(rows).toContainEqual(
    expect.objectContaining({ action: "deadletters.requeue", subject: "applications-1", result: "done" }),
  );

  // Those that come while older ones are listed push none out of the list.
  const cutOff = (count: number) =>
    Promise.all(Array.from({ length: count }, () => bed.js.publish("applications.web", "{")));
  await cutOff(54);
  await goTo(page, "#/dead-letters");
  await page.getByRole("button", { name: "Older dead letters" }).click();
  const listed = () => page.locator(".letter-list tbody tr").count();
  await expect.poll(listed, { timeout: 10_000 }).toBe(55);
  await cutOff(5);
  await expect.poll(listed, { timeout: 15_000 }).toBe(60);
  expect(faults).toEqual([]);
  await bed.stopScorers();
});
