import fc from "fast-check";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { DECISIONS, RISK_BANDS, type StoredDecision, scoreEvent } from "../../src/contracts/score.ts";
import { insertRows, type NewRow, readRows, type StoredRow } from "../../src/scorer/record.ts";
import { cloneDatabase, type TestDatabase } from "../support/test-database.ts";

let server: TestDatabase;
let database: pg.Pool;
const MODEL = { name: "small", version: "1", sha256: "ab" };

beforeAll(async () => {
  server = await cloneDatabase(inject("templateUrl"));
  database = new pg.Pool({ connectionString: server.url, max: 4 });
  await database.query(
    "insert into public.models (name, version, sha256, bundle_sha256, manifest) values ('small', '1', 'ab', 'cd', '{}')",
  );
});
afterAll(async () => {
  await database.end();
  await server.drop();
});
beforeEach(() => database.query("truncate plumbline.applications"));

const storable = fc.string({ unit: "binary" }).filter((text) => !text.includes("\0") && text.isWellFormed());
const instant = fc
  .date({ min: new Date("0000-01-01T00:00:00Z"), max: new Date("9999-12-31"), noInvalidDate: true })
  .map(Number);
const finite = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
const decision: fc.Arbitrary<StoredDecision> = fc.record({
  applicationId: fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/),
  channel: fc.stringMatching(/^[a-z0-9_-]{1,32}$/),
  submittedAt: instant,
  receivedAt: instant,
  scoredAt: instant,
  model: fc.constant(MODEL),
  policyVersion: storable,
  score: fc.float({ min: 0, max: 1, noNaN: true }).map((value) => value + 0),
  riskBand: fc.constantFrom(...RISK_BANDS),
  decision: fc.constantFrom(...DECISIONS),
  reasons: fc.array(fc.record({ code: storable, feature: storable, text: storable, contribution: finite }), {
    maxLength: 4,
  }),
  sequence: fc.maxSafeNat(),
  supersedes: fc.option(fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/), { nil: undefined }),
});

function row(of: StoredDecision): NewRow {
  const submitted_at = new Date(of.submittedAt).toISOString();
  const application = {
    application_id: of.applicationId,
    submitted_at,
    supersedes: of.supersedes ?? null,
    features: {},
  };
  const event = JSON.stringify(application);
  return { kind: "decision", decision: of, modelId: 1, reasonMethod: null, application, event };
}

function letter(sequence: number): NewRow {
  return {
    kind: "dead_letter",
    sequence,
    receivedAt: 1,
    rejection: { reason: "poison", error: "no" },
    channel: undefined,
  };
}

const BASE = fc.sample(decision, { numRuns: 1, seed: 1 })[0]!;
const numbered = (sequence: number, applicationId = `A-${sequence}`) => row({ ...BASE, sequence, applicationId });

describe("the record", () => {
  it("gives every decision back so that its score event has the very bytes of the first one", async () => {
    const batches = fc.uniqueArray(decision, { selector: ({ sequence }) => sequence, minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(batches, async (decisions) => {
        await database.query("truncate plumbline.applications");
        const inserted = await insertRows(database, decisions.map(row));
        const stored = await readRows(database, [...inserted], []);
        const bytesOf = (of: StoredDecision) => JSON.stringify(scoreEvent(of));
        const expected = decisions.filter(({ sequence }) => inserted.has(sequence)).map(bytesOf);
        const actual = stored.map((one) => bytesOf((one as Extract<StoredRow, { kind: "decision" }>).decision));
        expect(actual.sort()).toEqual(expected.sort());
        expect(actual.length).toBe(new Set(decisions.map(({ applicationId }) => applicationId)).size);
      }),
      { numRuns: 150 },
    );
  });

  it("takes one decision per application, the first of a batch, and one row per sequence", async () => {
    expect([...(await insertRows(database, [numbered(8, "A"), numbered(5, "A"), numbered(9, "A")]))]).toEqual([5]);
    expect([...(await insertRows(database, [numbered(4, "A"), numbered(6, "B"), letter(5)]))]).toEqual([6]);
    expect([...(await insertRows(database, [letter(7), numbered(7, "C")]))]).toHaveLength(1);
  });

  it("finds rows by sequence or by application", async () => {
    await insertRows(database, [numbered(1), numbered(2), letter(3), numbered(4)]);
    const found = await readRows(database, [3, 99], ["A-2", "A-99"]);
    expect(found.map(({ kind }) => kind).sort()).toEqual(["dead_letter", "decision"]);
    expect(await readRows(database, [], [])).toEqual([]);
  });

  it("keeps of a dead letter why it is one, and nothing that belongs to a decision", async () => {
    await insertRows(database, [letter(3)]);
    const { rows } = await database.query("select * from plumbline.applications");
    const columns = Object.entries(rows[0] as object).filter(([, value]) => value !== null);
    expect(columns.map(([name]) => name).sort()).toEqual([
      "dead_letter_error",
      "dead_letter_reason",
      "received_at",
      "sequence",
    ]);
    const rejection = { reason: "poison", error: "no" };
    expect(await readRows(database, [3], [])).toEqual([
      { kind: "dead_letter", sequence: 3, rejection, requeued: false },
    ]);
    await database.query("update plumbline.applications set requeued_at = now()");
    expect(await readRows(database, [3], [])).toMatchObject([{ requeued: true }]);
  });

  it("is written by many at once without deadlocks, every id and every sequence once", async () => {
    const rounds = Array.from({ length: 40 }, (_, round) =>
      Array.from({ length: 50 }, (_, index) => numbered(round * 50 + index, `A-${(index * 7 + round) % 50}`)),
    );
    const inserted = await Promise.all(rounds.map((rows) => insertRows(database, rows)));
    expect(inserted.flatMap((sequences) => [...sequences])).toHaveLength(50);
  });
});
