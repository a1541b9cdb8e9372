import { afterAll, beforeAll, expect, test } from "vitest";
import type { ScoreEvent } from "../../src/contracts/score.ts";
import { drained } from "../support/drain.ts";
import { finishDrift } from "../support/drift-bed.ts";
import { startGateway, type TestGateway } from "../support/gateway.ts";
import { outgoing } from "../support/load.ts";
import { createMadeUp, sentOn } from "../support/made-up.ts";
import { publishAll } from "../support/publish.ts";
import { createSharedBed, type TestBed } from "../support/test-bed.ts";

/** What is there, looked at through the gateway: a day of decisions, some dead letters, two windows judged. */

const DRIFT = { DRIFT_WINDOW: "1h", DRIFT_MIN_SAMPLES: "50" };
const HOUR_MS = 3_600_000;
const START = Date.UTC(2025, 2, 1);
const DECIDED = 240;

let bed: TestBed;
let end: () => Promise<void>;
let gateway: TestGateway;

beforeAll(async () => {
  ({ bed, end } = await createSharedBed(DRIFT));
  const [scorer, drift] = [bed.startScorer(), bed.startDrift()];
  gateway = await startGateway(bed, { GATEWAY_RATE_LIMIT: "1000" });
  await Promise.all([scorer.ready(), drift.ready()]);
  const madeUp = createMadeUp(3);
  const usual = madeUp.usual(DECIDED / 2, START, START + HOUR_MS);
  const shifted = madeUp.shifted(DECIDED / 2, START + HOUR_MS, START + 2 * HOUR_MS);
  await publishAll(bed.js, [...sentOn("web", usual), ...sentOn("partner", shifted)]);
  const bad = Array.from({ length: 5 }, (_, index) => outgoing("web", `{"application_id":"BAD-${index}"`));
  await publishAll(bed.js, [...bad, outgoing("web", JSON.stringify({ ...usual[0], submitted_at: "no" }))]);
  await drained(bed);
  await finishDrift(bed, DRIFT);
});
afterAll(() => end());

const json = async <T>(path: string): Promise<T> => {
  const response = await gateway.ask("viewer", path);
  expect({ path, status: response.status }).toEqual({ path, status: 200 });
  return (await response.json()) as T;
};
type Paged<T> = { readonly items: T[]; readonly next: string | null };

async function allPages<T>(path: string): Promise<{ items: T[]; pages: number }> {
  const items: T[] = [];
  for (let next: string | null = "", pages = 0; ; ) {
    const page: Paged<T> = await json(next === "" ? path : `${path}&before=${next}`);
    items.push(...page.items);
    next = page.next;
    pages++;
    if (next === null) return { items, pages };
  }
}

test("decisions come newest first, page by page without gap or repetition, and as they were published", async () => {
  const { items, pages } = await allPages<ScoreEvent>("/v1/scores?limit=70");
  expect(pages).toBe(4);
  expect(items).toHaveLength(DECIDED);
  const sequences = items.map(({ sequence }) => sequence);
  expect(sequences).toEqual(sequences.toSorted((a, b) => b - a));
  expect(new Set(sequences).size).toBe(DECIDED);

  const partner = await allPages<ScoreEvent>("/v1/scores?channel=partner&decision=decline&limit=500");
  expect(partner.items).toEqual(
    items.filter(({ channel, decision }) => channel === "partner" && decision === "decline"),
  );
  expect(partner.items.length).toBeGreaterThan(0);
  const secondHour = new Date(START + HOUR_MS).toISOString();
  expect((await allPages(`/v1/scores?from=${secondHour}&limit=500`)).items).toHaveLength(DECIDED / 2);
  expect((await allPages(`/v1/scores?to=${secondHour}&model=lendingclub&limit=500`)).items).toHaveLength(DECIDED / 2);
  expect((await allPages("/v1/scores?model=another&limit=500")).items).toEqual([]);

  const one = items[17]!;
  const published = await bed.jsm.streams.getMessage("SCORES", {
    last_by_subj: `scores.${one.channel}.${one.decision}.${one.application_id}`,
  });
  expect(await json(`/v1/scores/${one.application_id}`)).toEqual(published!.json());
  expect((await gateway.ask("publisher", `/v1/scores/${one.application_id}`)).status).toBe(200);
});

test("a decision is explained: derived again, equal, with what each feature contributed", async () => {
  const declined = (await json<Paged<ScoreEvent>>("/v1/scores?decision=decline&limit=1")).items[0]!;
  const explanation = await json<{
    score: ScoreEvent;
    equal: boolean;
    reason_method: string;
    derived: { score: number };
    features: Record<string, unknown>;
    contributions: { feature: string; value: unknown; used: string; contribution: number }[];
    timeline: { at: string; event: string }[];
  }>(`/v1/scores/${declined.application_id}/explanation`);
  expect(explanation).toMatchObject({ score: declined, equal: true, derived: { score: declined.score } });
  expect(explanation.contributions).toHaveLength(18);
  const [worst] = explanation.contributions.toSorted((a, b) => b.contribution - a.contribution);
  expect(worst).toMatchObject({
    feature: declined.reasons[0]!.feature,
    contribution: declined.reasons[0]!.contribution,
    value: explanation.features[declined.reasons[0]!.feature] ?? null,
  });
  expect(explanation.timeline.map(({ event }) => event)).toEqual(["submitted", "received", "scored"]);
  expect(explanation).not.toHaveProperty("protected");
});

test("the explanation of another bundle's decision says which bundle is needed", async () => {
  const { items } = await json<Paged<ScoreEvent>>("/v1/scores?limit=1");
  await bed.database.query("update public.models set sha256 = repeat('0', 64)");
  const response = await gateway.ask("viewer", `/v1/scores/${items[0]!.application_id}/explanation`);
  await bed.database.query("update public.models set sha256 = $1", [items[0]!.model.sha256]);
  expect(response.status).toBe(409);
  expect(await response.json()).toMatchObject({
    detail: expect.stringContaining("Start one with SCORER_BUNDLE set to it"),
  });
});

test("models, with the policy in force and their features", async () => {
  const { items } = await json<{ items: { name: string; policy: object; features: object[] }[] }>("/v1/models");
  expect(items).toHaveLength(1);
  expect(items[0]).toMatchObject({
    name: "lendingclub",
    version: "1",
    policy: { version: "1", approve_below: expect.any(Number), decline_at_or_above: expect.any(Number) },
  });
  expect(items[0]!.features[0]).toMatchObject({ name: "loan_amount", type: "numeric", required: true, unit: "USD" });
});

test("drift reports: all channels unless told, newest first, and one whole with the reference", async () => {
  type Summary = { id: number; channel: string; window: { start: string }; features: { name: string }[] };
  const { items, provisional } = await json<Paged<Summary> & { provisional: object }>("/v1/drift");
  expect(items.map(({ channel, window }) => [channel, window.start])).toEqual([
    ["*", new Date(START + HOUR_MS).toISOString()],
    ["*", new Date(START).toISOString()],
  ]);
  expect(items[0]!.features[0]).not.toHaveProperty("counts");
  expect(provisional).toMatchObject({ provisional: true });
  const first = await json<Paged<Summary>>("/v1/drift?limit=1");
  expect((await json<Paged<Summary>>(`/v1/drift?limit=1&before=${first.next}`)).items[0]!.id).toBe(items[1]!.id);
  expect((await json<Paged<Summary>>("/v1/drift?channel=partner&model=lendingclub")).items).toHaveLength(1);

  const whole = await json<{
    report: { features: { name: string; counts: number[] }[]; quality: object[] };
    reference: { features: Record<string, { counts: number[]; edges?: number[]; categories?: string[] }> };
  }>(`/v1/drift/reports/${items[0]!.id}`);
  expect(whole.report.quality.length).toBeGreaterThan(0);
  for (const { name, counts } of whole.report.features) {
    const reference = whole.reference.features[name]!;
    expect(reference.counts).toHaveLength(counts.length);
    expect((reference.categories ?? reference.edges!).length).toBeGreaterThanOrEqual(counts.length - 1);
  }
});

test("dead letters: listed newest first, inspected by reviewers, requeued by admins with an entry in the audit trail", async () => {
  const { items, pages } = await allPages<{ name: string; reason: string; error: string }>("/v1/deadletters?limit=4");
  expect(pages).toBe(2);
  expect(items.map(({ reason }) => reason)).toEqual(["schema_violation", ...Array(5).fill("malformed_json")]);
  const only = await json<Paged<{ name: string }>>("/v1/deadletters?reason=schema_violation");
  expect(only.items).toHaveLength(1);
  const { name } = only.items[0]!;

  const path = `/v1/deadletters/${name}`;
  expect((await gateway.ask("viewer", path)).status).toBe(403);
  const shown = (await (await gateway.ask("reviewer", path)).json()) as { payload: string };
  expect(JSON.parse(shown.payload)).toMatchObject({ submitted_at: "no" });

  expect((await gateway.post("reviewer", `${path}/requeue`, {})).status).toBe(403);
  const response = await gateway.post("admin", `${path}/requeue`, { channel: "branch" });
  expect({ status: response.status, body: await response.json() }).toEqual({
    status: 200,
    body: { sequence: expect.any(Number) },
  });
  await drained(bed);
  // It is as wrong as before, on the channel that it was given.
  const again = await json<Paged<{ name: string; subject: string }>>("/v1/deadletters?reason=schema_violation");
  expect(again.items).toEqual([expect.objectContaining({ subject: "applications.branch" })]);
  expect((await gateway.ask("reviewer", path)).status).toBe(404);
  expect((await gateway.post("admin", `${path}/requeue`, {})).status).toBe(404);

  const audit = (await (await gateway.ask("admin", "/v1/audit")).json()) as Paged<object>;
  // Before it is done, so that none is done without an entry, and what came of it.
  expect(audit.items.slice(0, 2)).toEqual(
    ["done", "begun"].map((result) => ({
      at: expect.any(String),
      name: "a admin",
      token_id: expect.any(String),
      action: "deadletters.requeue",
      subject: name,
      result,
    })),
  );
});

test("who asks wrongly is told which field, and who may not, which role", async () => {
  const cases: [string, string][] = [
    ["/v1/scores?limit=0", "limit"],
    ["/v1/scores?limit=501", "limit"],
    ["/v1/scores?before=nonsense", "before"],
    // No sequence and no time that there can be.
    [`/v1/drift?before=${Buffer.from("p9999999999999999").toString("base64url")}`, "before"],
    ["/v1/scores?decision=maybe", "decision"],
    ["/v1/scores?from=yesterday", "from"],
    ["/v1/drift?channel=A", "channel"],
    ["/v1/deadletters?reason=none", "reason"],
  ];
  for (const [path, field] of cases) {
    const response = await gateway.ask("viewer", path);
    const body = (await response.json()) as { errors?: { field: string }[] };
    expect({ path, status: response.status, fields: body.errors?.map((one) => one.field) }).toMatchObject({
      path,
      status: 400,
      fields: expect.arrayContaining([field]),
    });
  }
  for (const path of ["/v1/scores/NOBODY", "/v1/scores/NOBODY/explanation", "/v1/drift/reports/999999"]) {
    expect((await gateway.ask("viewer", path)).status).toBe(404);
  }
  const paths = ["/v1/status", "/v1/scores", "/v1/models", "/v1/drift", "/v1/deadletters", "/v1/audit", "/v1/me"];
  for (const path of paths) expect((await fetch(gateway.url + path)).status).toBe(401);
  expect((await gateway.ask("viewer", "/v1/audit")).status).toBe(403);
  expect(await json("/v1/me")).toMatchObject({ name: "a viewer", role: "viewer" });
});
