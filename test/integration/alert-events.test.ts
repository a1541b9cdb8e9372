import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { noteSent } from "../../src/alerts/event-rows.ts";
import { thatDiesBefore } from "../support/entry-scripts.ts";
import { eventually } from "../support/eventually.ts";
import { startGateway, type TestGateway } from "../support/gateway.ts";
import { notifiedAlert, notify, toldOf } from "../support/notifications.ts";
import type { ScorerProcess } from "../support/scorer-process.ts";
import { startTcpProxy } from "../support/tcp-proxy.ts";
import { createSharedBed, type TestBed } from "../support/test-bed.ts";

const SOON = { withinMs: 10_000 };
const NOON = Date.UTC(2026, 10, 21, 12);
const minutes = (count: number) => NOON + count * 60_000;
/** So short that a broker no longer recognises an event that was sent before its sender was killed. */
const DUPLICATE_WINDOW_MS = 300;

let bed: TestBed;
let end: () => Promise<void>;
let gateway: TestGateway;
let alerts: ScorerProcess;

beforeAll(async () => {
  ({ bed, end } = await createSharedBed({ DUPLICATE_WINDOW: `${DUPLICATE_WINDOW_MS}ms` }));
  alerts = bed.startAlerts();
  [gateway] = await Promise.all([startGateway(bed), alerts.ready()]);
}, 60_000);
afterAll(() => end(), 60_000);

const isNothingLeft = async () => (await bed.database.query("select from plumbline.alert_events")).rowCount === 0;

/** Leaves the event of an alert that the broker has and could not say so, and no longer recognises. Returns its id. */
async function publishUnanswered(name: string, startsAt: number): Promise<string> {
  await notify(gateway, notifiedAlert(name, { startsAt }));
  const { rows } = await bed.database.query("select id, subject, payload from plumbline.alert_events");
  const [{ id, subject, payload }] = rows;
  await noteSent(bed.database, [id]);
  await bed.js.publish(subject, payload, { msgID: id });
  await sleep(2 * DUPLICATE_WINDOW_MS);
  return id;
}

test("events are published once, also when their sender is killed -9 before it could say so", async () => {
  await alerts.stop();
  const names = ["Killed1", "Killed2"];
  await notify(gateway, ...names.map((name) => notifiedAlert(name, { startsAt: minutes(400) })));
  // Stored and answered for; nobody is there to publish.
  gateway.process.signal("SIGKILL");
  await gateway.process.ended;
  gateway = await startGateway(bed);
  await notify(gateway, notifiedAlert("Killed1", { startsAt: minutes(400), endsAt: minutes(401) }));
  for (const statement of ["update plumbline.alert_events", "delete from plumbline.alert_events"]) {
    const dying = bed.startAlerts({}, thatDiesBefore(statement));
    dying.ready().catch(() => {});
    expect(await dying.ended).toBe("SIGKILL");
  }
  const left = await bed.database.query("select from plumbline.alert_events where sent_at is not null");
  // The next one of the same alert waits.
  expect(left.rowCount).toBe(2);
  expect(await toldOf(bed, names, 2)).toEqual(["Killed1 firing", "Killed2 firing"]);
  await eventually(
    "the broker has forgotten their ids",
    async () => {
      const { rows } = await bed.database.query<{ ago: number }>(
        "select (extract(epoch from now() - max(sent_at)) * 1000)::float8 as ago from plumbline.alert_events",
      );
      return rows[0]!.ago > 2 * DUPLICATE_WINDOW_MS;
    },
    SOON,
  );
  // Two at once.
  alerts = bed.startAlerts();
  const another = bed.startAlerts();
  await Promise.all([alerts.ready(), another.ready()]);
  await eventually("none is left", isNothingLeft, SOON);
  expect(await toldOf(bed, names, 3)).toEqual(["Killed1 firing", "Killed2 firing", "Killed1 resolved"]);
  await another.stop();
}, 60_000);

test("what waits for the broker is told in the order in which it happened, also over several episodes of an alert", async () => {
  await alerts.stop();
  await notify(
    gateway,
    notifiedAlert("Waited", { startsAt: minutes(500), endsAt: minutes(501) }),
    notifiedAlert("Waited", { startsAt: minutes(502) }),
  );
  alerts = bed.startAlerts();
  await alerts.ready();
  expect(await toldOf(bed, ["Waited"], 3)).toEqual(["firing", "resolved", "firing"].map((event) => `Waited ${event}`));
}, 60_000);

test("an event that the broker took without an answer isn't told twice, however often it was sent since", async () => {
  await alerts.stop();
  const id = await publishUnanswered("Unanswered", minutes(600));
  // Since then it refuses to take anything, as one does that is starting.
  const sending = setInterval(() => void noteSent(bed.database, [id]), 20);
  alerts = bed.startAlerts();
  await alerts.ready();
  await eventually("it is done with", isNothingLeft, SOON);
  clearInterval(sending);
  expect(await toldOf(bed, ["Unanswered"], 1)).toEqual(["Unanswered firing"]);
}, 60_000);

test("an event isn't told twice when the broker's answer about what it has is lost", async () => {
  await alerts.stop();
  await publishUnanswered("Overheard", minutes(700));
  const proxy = await startTcpProxy(Number(new URL(bed.broker.url).port));
  onTestFinished(proxy.stop);
  proxy.loseAnswersTo("$JS.API.CONSUMER.MSG.NEXT.EVENTS", 1);
  // More than are asked for at once: what is lost is followed by what isn't.
  for (let n = 0; n < 250; n++) await bed.js.publish("events.alert.none", JSON.stringify({ alert: { name: "Other" } }));
  const behind = bed.startAlerts({ NATS_URL: proxy.through(bed.broker.url) });
  await behind.ready();
  await eventually("it is done with", isNothingLeft, { withinMs: 20_000 });
  expect(proxy.answersToLose()).toBe(0);
  expect(await toldOf(bed, ["Overheard"], 1)).toEqual(["Overheard firing"]);
  await behind.stop();
}, 60_000);

test("what another process has told meanwhile isn't sent", async () => {
  const gone = "00000000-0000-4000-8000-000000000000";
  expect(await noteSent(bed.database, [gone])).toEqual(new Set());
});
