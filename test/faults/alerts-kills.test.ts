import { setTimeout as sleep } from "node:timers/promises";
import { expect, inject, test } from "vitest";
import { startCrew } from "../support/crew.ts";
import { eventually } from "../support/eventually.ts";
import { startGateway } from "../support/gateway.ts";
import { alertEvents, type NotifiedAlert, notification, notifiedAlert } from "../support/notifications.ts";
import { isFull } from "../support/scale.ts";
import { type Random, randomFrom } from "../support/seed.ts";
import { createTestBed } from "../support/test-bed.ts";

const KILLS = 60;
const BETWEEN_KILLS_MS = 800;
const ALERTS = 10;
const EPISODES = 60;
const SENDERS = 4;
const MINUTE_MS = 60_000;

// The boundaries one by one are in integration/alerts.test.ts, with every run.
test.skipIf(!isFull)(
  `kill -9 of ${KILLS} alerts roles and gateways at random stores every episode, and tells each transition once`,
  async () => {
    const random = randomFrom(inject("seed"));
    // So short that most events of a killed role must be looked for in the stream.
    const bed = await createTestBed({ DUPLICATE_WINDOW: "300ms" });
    const first = await startGateway(bed);
    const { token } = await first.token("alertmanager");
    const { port } = new URL(first.url);
    await first.process.stop();
    const gateways = await startCrew(bed, 1, () =>
      bed.startGateway({ GATEWAY_JWT_SECRET: first.secret, PLUMBLINE_PORT: port }),
    );
    const roles = await startCrew(bed, 2, () => bed.startAlerts());
    const kills = () => gateways.kills() + roles.kills();

    /** As Alertmanager does it: again and again until it is taken. */
    async function send(alerts: readonly NotifiedAlert[]): Promise<void> {
      const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
      const body = JSON.stringify(notification(...alerts));
      const isTaken = () =>
        fetch(`${first.url}/v1/alertmanager`, { method: "POST", body, headers }).then(
          ({ ok }) => ok,
          () => false,
        );
      await eventually("the notification is taken", isTaken, { withinMs: 60_000, everyMs: 20 });
    }
    const sending = Promise.all(
      Array.from({ length: SENDERS }, async () => {
        const own = shuffled(history(), random);
        const everyMs = (KILLS * BETWEEN_KILLS_MS * 3) / own.length;
        while (own.length > 0) {
          await send(own.splice(0, 1 + random.below(4)));
          await sleep(everyMs);
        }
      }),
    );
    while (kills() < KILLS) {
      await sleep(BETWEEN_KILLS_MS * (0.5 + random.next()));
      await (kills() === 0 ? roles : kills() === 1 ? gateways : random.pick([roles, gateways])).killOne(random);
    }
    await sending;
    const isTold = async () => (await bed.database.query("select from plumbline.alert_events")).rowCount === 0;
    await eventually("all is told", isTold, { withinMs: 60_000 });
    console.log(`alerts kills: ${roles.kills()} alerts roles, ${gateways.kills()} gateways`);

    const { rows } = await bed.database.query<{ id: string; name: string; starts_at: Date; ends_at: Date }>(
      "select id, name, starts_at, ends_at from public.alerts order by name, starts_at",
    );
    const stored = rows.map(
      ({ name, starts_at, ends_at }) => `${name} ${starts_at.toISOString()} ${ends_at.toISOString()}`,
    );
    const real = history().filter(({ status }) => status === "resolved");
    expect(stored).toEqual(
      real.map(({ labels, startsAt, endsAt }) => `${labels.alertname} ${startsAt.replace("456789Z", "Z")} ${endsAt}`),
    );
    const told = Map.groupBy(await alertEvents(bed), ({ alert }) => alert.id);
    const wrong = rows.filter(
      ({ id }) =>
        told
          .get(Number(id))
          ?.map(({ event }) => event)
          .join() !== "firing,resolved",
    );
    expect(wrong).toEqual([]);
    expect(told.size).toBe(rows.length);
    await bed.stopScorers();
  },
);

/** Every episode, begun and over, in its order. */
function history(): NotifiedAlert[] {
  return Array.from({ length: ALERTS * EPISODES }, (_, index) => {
    const startsAt = Date.UTC(2026, 10, 21) + (index % EPISODES) * 10 * MINUTE_MS;
    const name = `Alert${Math.floor(index / EPISODES)}`;
    return [notifiedAlert(name, { startsAt }), notifiedAlert(name, { startsAt, endsAt: startsAt + 5 * MINUTE_MS })];
  }).flat();
}

function shuffled<T>(items: T[], random: Random): T[] {
  for (let last = items.length - 1; last > 0; last--) {
    const other = random.below(last + 1);
    [items[last], items[other]] = [items[other]!, items[last]!];
  }
  return items;
}
