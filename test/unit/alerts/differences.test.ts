import { expect, test } from "vitest";
import type { AlertmanagerView } from "../../../src/alerts/alertmanager.ts";
import { differencesOf, type FiringEpisode, NOTHING_SEEN, type Seen } from "../../../src/alerts/differences.ts";

const EVERY_MS = 15_000;
const HOUR_MS = 3_600_000;

type Round = { readonly firing: readonly FiringEpisode[]; readonly active: readonly string[]; readonly upMs?: number };

/** The last of so many rounds; alerts start at 1,000. */
function afterRounds(rounds: number, round: Round, before: Seen = NOTHING_SEEN, from = 0) {
  let differences = { missing: [], gone: [], seen: before } as ReturnType<typeof differencesOf>;
  for (let n = 0; n < rounds; n++) {
    const view: AlertmanagerView = {
      fingerprints: new Set(round.active),
      active: round.active.map((fingerprint) => ({
        fingerprint,
        labels: {},
        annotations: {},
        startsAt: 1_000,
        endsAt: undefined,
      })),
      unreadable: [],
      upMs: round.upMs ?? HOUR_MS,
    };
    const at = { now: (from + n) * EVERY_MS, everyMs: EVERY_MS };
    differences = differencesOf(round.firing, view, differences.seen, at);
  }
  return differences;
}
const ours = (startsAt = 1_000): FiringEpisode => ({ id: "1", fingerprint: "a", startsAt });

test("what fires at both is no difference, nor is an episode of ours that began later", () => {
  expect(afterRounds(50, { firing: [ours()], active: ["a"] })).toEqual({ missing: [], gone: [], seen: new Map() });
  expect(afterRounds(50, { firing: [ours(2_000)], active: ["a"] }).missing).toEqual([]);
});

test("an alert that fires at Alertmanager alone is missing once its notification had time to come", () => {
  const round = { firing: [], active: ["a"] };
  expect(afterRounds(3, round).missing).toEqual([]);
  expect(afterRounds(4, round).missing).toMatchObject([{ fingerprint: "a" }]);
  // It came in between.
  const { seen } = afterRounds(3, round);
  expect(afterRounds(3, round, afterRounds(1, { ...round, active: [] }, seen).seen).missing).toEqual([]);
  expect(afterRounds(4, { firing: [ours(500)], active: ["a"] }).missing).toHaveLength(1);
});

test("an alert that Alertmanager doesn't know is gone after twelve rounds, as of when that was first seen", () => {
  const round = { firing: [ours()], active: [] };
  const eleven = afterRounds(11, round, NOTHING_SEEN, 3);
  expect(eleven.gone).toEqual([]);
  expect(afterRounds(1, round, eleven.seen, 14).gone).toEqual([{ id: "1", since: 3 * EVERY_MS }]);
});

test("an Alertmanager that has run for less than that says nothing by its silence", () => {
  const round = { firing: [ours()], active: [], upMs: 12 * EVERY_MS - 1 };
  const { gone, seen } = afterRounds(50, round);
  expect(gone).toEqual([]);
  expect(afterRounds(11, { ...round, upMs: HOUR_MS }, seen).gone).toEqual([]);
});
