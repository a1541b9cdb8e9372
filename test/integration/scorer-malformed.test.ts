import { expect, inject, test } from "vitest";
import { makeApplication, reworded } from "../support/applications.ts";
import { checkDelivery } from "../support/checker.ts";
import { readStream } from "../support/delivered.ts";
import { drained } from "../support/drain.ts";
import { outgoing } from "../support/load.ts";
import { malformedEvents, SECRET } from "../support/malformed.ts";
import { merged, type Outgoing, publishAll } from "../support/publish.ts";
import { randomFrom } from "../support/seed.ts";
import { createTestBed } from "../support/test-bed.ts";

test("every kind of malformed event among nine times as many good ones: each a dead letter once, for its reason", async () => {
  const random = randomFrom(inject("seed"));
  const bed = await createTestBed();
  await bed.createStreams();
  const bad = malformedEvents("bad").map(
    ({ payload, channel = "web", reason }): Outgoing => ({ ...outgoing(channel, payload), expected: reason }),
  );
  const good = Array.from({ length: 9 * bad.length }, (_, n) =>
    outgoing("web", JSON.stringify(makeApplication(`good-${n}`, random))),
  );
  const shuffled = [...bad, ...good].map((message) => ({ message, at: random.next() })).sort((a, b) => a.at - b.at);
  const published = await publishAll(
    bed.js,
    shuffled.map(({ message }) => message),
  );
  const scorers = [1, 2].map(() => bed.startScorer({ LOG_LEVEL: "trace" }));
  await drained(bed);
  await bed.stopScorers();

  expect(await checkDelivery(bed, published)).toEqual({
    violations: [],
    decisions: good.length,
    repetitions: 0,
    deadLetters: bad.length,
  });
  const letters = await readStream(bed.js, bed.jsm, "DEADLETTERS");
  const errors = letters.map(({ headers }) => headers!.get("Plumbline-Error"));
  for (const error of errors) expect(error).toMatch(/^[a-z].{10,200}[^.\s]$/);
  // What an applicant wrote belongs in the payload alone.
  const { rows } = await bed.database.query("select dead_letter_error from plumbline.applications");
  expect(errors.join() + JSON.stringify(rows)).not.toContain(SECRET);
  expect(scorers.map((scorer) => scorer.log()).join()).not.toContain(SECRET);
});

test("the largest event that is allowed is scored", async () => {
  const bed = await createTestBed();
  await bed.createStreams();
  const application = { ...makeApplication("large", randomFrom(1)), note: "" };
  application.note = "x".repeat(256 * 1024 - Buffer.byteLength(JSON.stringify(application)));
  const published = await publishAll(bed.js, [
    outgoing("web", JSON.stringify(application)),
    { ...outgoing("web", JSON.stringify({ ...application, note: `${application.note}x` })), expected: "oversized" },
  ]);
  bed.startScorer();
  await drained(bed);
  await bed.stopScorers();
  expect(await checkDelivery(bed, published)).toMatchObject({ violations: [], decisions: 1, deadLetters: 1 });
});

test("what the parser overlooks and the database doesn't: a value hidden by a second one of the same name", async () => {
  const bed = await createTestBed();
  await bed.createStreams();
  const text = JSON.stringify(makeApplication("hidden", randomFrom(1)));
  const hiding = (first: string, n: number) =>
    outgoing("web", text.replace("{", `{"note":${first},"note":1,`).replace("hidden", `hidden-${n}`));
  const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
  const published = await publishAll(bed.js, ['"\\u0000"', '"\\ud800"', "1e400", "1e-400", deep].map(hiding));
  const neighbours = await publishAll(
    bed.js,
    Array.from({ length: 50 }, (_, n) => outgoing("web", JSON.stringify(makeApplication(`N-${n}`, randomFrom(n))))),
  );
  bed.startScorer();
  await drained(bed);
  await bed.stopScorers();
  const verdict = await checkDelivery(bed, merged(published, neighbours));
  expect(verdict).toMatchObject({ violations: [], decisions: 55 });
});

test("equal content in other words is a repetition, another content a conflict", async () => {
  const bed = await createTestBed();
  await bed.createStreams();
  const first = { ...makeApplication("same", randomFrom(3)), protected: { sex: "female", age: 34 } };
  first.features = { ...first.features, loan_amount: 7500, annual_income: undefined };
  const text = JSON.stringify(first);
  const features = (change: object) => JSON.stringify({ ...first, features: { ...first.features, ...change } });
  const repetitions = [
    reworded(first),
    ` ${text}\n`,
    features({ annual_income: null }),
    text.replace("7500", "7.5e3"),
    text.replace("7500", "7500.0"),
    text.replace('"purpose"', '"p\\u0075rpose"'),
    JSON.stringify({ ...first, protected: { age: 34, sex: "female", region: null } }),
    JSON.stringify({ ...first, supersedes: "another", note: "of no account" }),
  ];
  const conflicts = [
    features({ loan_amount: 7501 }),
    features({ annual_income: 0 }),
    features({ unheard_of: "x" }),
    JSON.stringify({ ...first, protected: null }),
    JSON.stringify({ ...first, protected: { sex: "female", age: 35 } }),
    JSON.stringify({ ...first, submitted_at: "2026-01-01T00:00:00.001Z" }),
  ];
  const decided = await publishAll(bed.js, [outgoing("web", text)]);
  bed.startScorer();
  await drained(bed);
  const repeated = await publishAll(
    bed.js,
    repetitions.map((one) => outgoing("branch", one)),
  );
  const refused = await publishAll(
    bed.js,
    conflicts.map((one): Outgoing => ({ ...outgoing("web", one), expected: "id_conflict" })),
  );
  await drained(bed);
  await bed.stopScorers();
  expect(await checkDelivery(bed, merged(decided, repeated, refused))).toEqual({
    violations: [],
    decisions: 1,
    repetitions: repetitions.length,
    deadLetters: conflicts.length,
  });
});
