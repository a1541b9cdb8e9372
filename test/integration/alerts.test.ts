import { afterAll, beforeAll, expect, test } from "vitest";
import type { Alert } from "../../src/contracts/alert.ts";
import { eventually } from "../support/eventually.ts";
import { startGateway, type TestGateway } from "../support/gateway.ts";
import { alertEvents, fingerprintOf, notification, notifiedAlert, notify, toldOf } from "../support/notifications.ts";
import { problemOf } from "../support/problem.ts";
import type { ScorerProcess } from "../support/scorer-process.ts";
import { createSharedBed, type TestBed } from "../support/test-bed.ts";

const SOON = { withinMs: 10_000 };
const NOON = Date.UTC(2026, 10, 21, 12);
const minutes = (count: number) => NOON + count * 60_000;

let bed: TestBed;
let end: () => Promise<void>;
let gateway: TestGateway;
let alerts: ScorerProcess;

beforeAll(async () => {
  ({ bed, end } = await createSharedBed());
  alerts = bed.startAlerts();
  [gateway] = await Promise.all([startGateway(bed), alerts.ready()]);
}, 60_000);
afterAll(() => end(), 60_000);

async function list(query: string): Promise<{ items: Alert[]; next: string | null }> {
  const response = await gateway.ask("viewer", `/v1/alerts?${query}`);
  expect(response.status).toBe(200);
  return (await response.json()) as { items: Alert[]; next: string | null };
}

test("a notification becomes a row, an item of the list, and one event for each transition", async () => {
  const alert = { ...notifiedAlert("DeadLetters", { startsAt: minutes(0) }), severity: "page" };
  await notify(gateway, alert);
  await notify(gateway, alert);
  // Another figure in the text is no transition.
  const annotations = { ...alert.annotations, description: "The figure is 2." };
  await notify(gateway, { ...alert, annotations });
  const [item] = (await list("name=DeadLetters")).items;
  expect(item).toMatchObject({
    fingerprint: fingerprintOf("DeadLetters"),
    name: "DeadLetters",
    severity: "page",
    status: "firing",
    summary: "DeadLetters fires",
    description: "The figure is 2.",
    runbook_url: "docs/runbooks/DeadLetters.md",
    dashboard: "/d/plumbline-overview",
    labels: alert.labels,
    starts_at: "2026-11-21T12:00:00.000Z",
    ends_at: null,
    source: "webhook",
  });
  const status = async () => ((await (await gateway.ask("viewer", "/v1/status")).json()) as { alerts: unknown }).alerts;
  await eventually(
    "the status counts it",
    async () => JSON.stringify(await status()) === '{"firing":{"page":1,"ticket":0,"none":0}}',
    SOON,
  );
  await eventually(
    "so does the metric",
    async () => /^plumbline_alerts_firing\{severity="page"\} 1$/m.test(await alerts.metrics()),
    SOON,
  );

  await notify(gateway, notifiedAlert("DeadLetters", { startsAt: minutes(0), endsAt: minutes(3) }));
  // Late, and once more.
  await notify(gateway, alert);
  await notify(gateway, notifiedAlert("DeadLetters", { startsAt: minutes(0), endsAt: minutes(3) }));
  expect(await toldOf(bed, ["DeadLetters"], 2)).toEqual(["DeadLetters firing", "DeadLetters resolved"]);
  const events = (await alertEvents(bed)).filter(({ alert: told }) => told.name === "DeadLetters");
  expect(
    events.map(({ subject, event, alert: { id, status, ends_at } }) => ({ subject, event, id, status, ends_at })),
  ).toEqual([
    { subject: "events.alert.page", event: "firing", id: item!.id, status: "firing", ends_at: null },
    {
      subject: "events.alert.page",
      event: "resolved",
      id: item!.id,
      status: "resolved",
      ends_at: "2026-11-21T12:03:00.000Z",
    },
  ]);
  expect((await list("name=DeadLetters")).items).toEqual([events[1]!.alert]);
  expect(await gateway.process.metrics()).toMatch(/^plumbline_alert_notifications_total\{source="webhook"\} 6$/m);
});

test("notifications that pass each other, in any order, end in the same episodes", async () => {
  const first = (endsAt?: number) =>
    notifiedAlert("Flaps", { severity: "ticket", startsAt: minutes(10), ...(endsAt && { endsAt }) });
  const second = (endsAt?: number) =>
    notifiedAlert("Flaps", { severity: "ticket", startsAt: minutes(20), ...(endsAt && { endsAt }) });
  const sent = [first(), first(minutes(15)), second(), second(minutes(25))];
  // Five senders at once, each in an order of its own, all of them twice.
  await Promise.all(
    [0, 1, 2, 3, 2].flatMap((from) => [
      notify(gateway, ...sent.slice(from), ...sent.slice(0, from)),
      ...sent.toReversed().map((one) => notify(gateway, one)),
    ]),
  );
  const { items } = await list("name=Flaps");
  expect(
    items.map(({ starts_at, ends_at, status }) => [starts_at.slice(11, 16), ends_at?.slice(11, 16), status]),
  ).toEqual([
    ["12:20", "12:25", "resolved"],
    ["12:10", "12:15", "resolved"],
  ]);
  const told = await toldOf(bed, ["Flaps"], 4);
  expect(told.toSorted()).toEqual(["Flaps firing", "Flaps firing", "Flaps resolved", "Flaps resolved"]);
  for (const { id } of items) {
    const own = (await alertEvents(bed)).filter(({ alert }) => alert.id === id);
    expect(own.map(({ event }) => event)).toEqual(["firing", "resolved"]);
  }
});

test("an episode that is told of only after the next one began is entered as over, and told of", async () => {
  await notify(gateway, notifiedAlert("Overtaken", { startsAt: minutes(60) }));
  await notify(gateway, notifiedAlert("Overtaken", { startsAt: minutes(50) }));
  const { items } = await list("name=Overtaken");
  expect(items.map(({ status, ends_at }) => [status, ends_at])).toEqual([
    ["firing", null],
    ["resolved", items[0]!.starts_at],
  ]);
  expect(await toldOf(bed, ["Overtaken"], 3)).toEqual(
    ["firing", "firing", "resolved"].map((event) => `Overtaken ${event}`),
  );
});

test("the list has those that fire first, then newest first, by pages and filters", async () => {
  const made = Array.from({ length: 7 }, (_, index) =>
    notifiedAlert(`Listed${index}`, {
      severity: ["page", "ticket", "info"][index % 3]!,
      startsAt: minutes(100 + index),
      ...(index % 2 === 0 && { endsAt: minutes(200) }),
    }),
  );
  await notify(gateway, ...made);
  const since = `from=${new Date(minutes(100)).toISOString()}`;
  const names = async (query: string) =>
    (await list(`${since}&${query}`)).items.map(({ name }) => Number(name.slice(6)));
  expect(await names("")).toEqual([5, 3, 1, 6, 4, 2, 0]);
  expect(await names("status=firing")).toEqual([5, 3, 1]);
  expect(await names("severity=none")).toEqual([5, 2]);
  expect(await names(`to=${new Date(minutes(103)).toISOString()}`)).toEqual([1, 2, 0]);
  const paged: string[] = [];
  let before: string | null = "";
  for (let pages = 0; before !== null; pages++) {
    expect(pages).toBeLessThan(5);
    const page: { items: Alert[]; next: string | null } = await list(
      `${since}&limit=2${before && `&before=${before}`}`,
    );
    paged.push(...page.items.map(({ name }) => name.slice(6)));
    before = page.next;
    // It moves further down, and isn't passed over.
    if (pages === 0)
      await notify(
        gateway,
        notifiedAlert("Listed1", { severity: "ticket", startsAt: minutes(101), endsAt: minutes(201) }),
      );
  }
  expect(paged.join("")).toBe("5364210");

  const refused = async (query: string) =>
    (await problemOf(await gateway.ask("viewer", `/v1/alerts?${query}`))).errors?.[0]?.field;
  expect(await refused("before=cDE")).toBe("before");
  expect(await refused("severity=info")).toBe("severity");
  expect(await refused("from=2026-11-21T23:59:60Z")).toBe("from");
  const [from, to] = ["0000-01-01T00:00:00Z", encodeURIComponent("2026-11-22T13:00:00+23:59")];
  expect((await list(`from=${from}&to=${to}&name=Listed0`)).items).toEqual([]);
});

test("a notification that can't be stored is refused as a whole, by the fields at fault", async () => {
  const good = notifiedAlert("Good", { startsAt: minutes(300) });
  const refusal = async (body: unknown) => {
    const response = await gateway.post("alertmanager", "/v1/alertmanager", body);
    expect(response.status).toBe(400);
    return (await problemOf(response)).errors?.map(({ field }) => field);
  };
  expect(await refusal({ ...notification(good), version: "3" })).toEqual(["version"]);
  expect(await refusal({ version: "4" })).toEqual(["alerts"]);
  expect(await refusal(notification(good, { ...good, labels: { alertname: 7 } as never }))).toEqual([
    "alerts.1.labels.alertname",
  ]);
  expect(await refusal(notification(good, { ...good, startsAt: "yesterday", fingerprint: "no" }))).toEqual([
    "alerts.1.fingerprint",
    "alerts.1.startsAt",
  ]);
  expect(await refusal(notification(good, { ...good, annotations: { a: "\0" } }))).toEqual(["alerts.1.annotations"]);
  expect(await refusal(notification(good, { ...good, annotations: { a: "x".repeat(70_000) } }))).toEqual([
    "alerts.1.annotations",
  ]);
  expect(await refusal(notification(...Array.from({ length: 1_001 }, () => good)))).toEqual(["alerts"]);
  expect((await list("name=Good")).items).toEqual([]);
});
