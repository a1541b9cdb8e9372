import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { ROOT } from "../../src/app/environment.ts";
import { recommendedMessageId } from "../../src/contracts/content.ts";
import type { Summary } from "../../src/ingest/summary.ts";
import { makeApplication } from "../support/applications.ts";
import { readScoreRows, readStream } from "../support/delivered.ts";
import { backlog, drained } from "../support/drain.ts";
import { eventually } from "../support/eventually.ts";
import { runCommand, startCommand } from "../support/ingest-command.ts";
import { malformedEvents } from "../support/malformed.ts";
import { randomFrom } from "../support/seed.ts";
import { createTestBed, type TestBed } from "../support/test-bed.ts";

const LOANS = join(ROOT, "../shared/data/lendingclub-applications.jsonl.gz");

function applications(count: number, prefix = "P"): Buffer[] {
  const random = randomFrom(7);
  return Array.from({ length: count }, (_, n) =>
    Buffer.from(JSON.stringify(makeApplication(`${prefix}-${n}`, random))),
  );
}

async function writeLines(bed: TestBed, name: string, lines: readonly Uint8Array[]): Promise<string> {
  const file = join(bed.home, name);
  const feed = Buffer.from("\n");
  await writeFile(file, Buffer.concat(lines.flatMap((line) => [line, feed])));
  return file;
}

function summaryOf(stdout: string): Summary {
  return JSON.parse(stdout) as Summary;
}

/** The payloads as sortable text. */
function asText(payloads: readonly Uint8Array[]): string[] {
  return payloads.map((payload) => Buffer.from(payload).toString("latin1")).sort();
}

test("valid lines are scored; every other line is reported and ends as a dead letter, byte for byte", async () => {
  const bed = await createTestBed();
  const good = applications(40);
  const broken = malformedEvents("bad")
    .filter(({ reason, payload }) => reason !== "invalid_subject" && payload.length > 0 && !payload.includes(0x0a))
    .map(({ payload }) => payload);
  // Two equal lines are two dead letters, unless they have an id.
  const bad = [...broken, Buffer.from("not json"), Buffer.from("not json"), Buffer.from("ends in a return\r")];
  const tooLarge = Buffer.alloc(983_041, "x");
  const lines = [...good.slice(0, 20), Buffer.from("  "), ...bad, tooLarge, ...good.slice(20)];
  const file = await writeLines(bed, "mixed.jsonl", lines);

  const first = await runCommand(["publish", file, "--channel", "web", "--json"], bed.environment);
  expect(first.code).toBe(1);
  expect(summaryOf(first.stdout)).toMatchObject({
    subject: "applications.web",
    lines: good.length + bad.length + 1,
    stored: good.length + bad.length,
    invalid: bad.length,
    duplicates: 0,
    refused: 1,
    unacknowledged: 0,
    complete: true,
  });
  const reports = first.stderr.trimEnd().split("\n");
  expect(reports).toHaveLength(bad.length + 1);
  const numbers = reports.map((report) => Number(report.slice(file.length + 1).split(":")[0])).sort((a, b) => a - b);
  expect(numbers).toEqual([...bad, tooLarge].map((_, index) => 22 + index));
  for (const report of reports) expect(report).toMatch(/^.*mixed\.jsonl:\d+: [a-z0-9].{10,200}[^.]$/);
  expect(reports).toContain(
    `${file}:${lines.indexOf(tooLarge) + 1}: 983041 bytes are more than the broker takes (982784); not published`,
  );
  const stored = await bed.jsm.streams.getMessage("APPLICATIONS", { seq: 1 });
  expect(stored!.header.get("Nats-Msg-Id")).toBe(recommendedMessageId("P-0", good[0]!));

  const again = await runCommand(["publish", file, "--json"], bed.environment);
  expect(summaryOf(again.stdout)).toMatchObject({ stored: 0, duplicates: good.length + bad.length });

  bed.startScorer();
  await drained(bed);
  await bed.stopScorers();
  const scored = await readScoreRows(bed.database);
  expect(scored.map((row) => row.application_id)).toEqual(good.map((_, n) => `P-${n}`));
  expect(new Set(scored.map(({ channel }) => channel))).toEqual(new Set(["web"]));
  const letters = await readStream(bed.js, bed.jsm, "DEADLETTERS");
  expect(asText(letters.map(({ payload }) => payload))).toEqual(asText(bad));
});

test("CSV rows become events, by mapping too; a row that can't be read is published as it is", async () => {
  const bed = await createTestBed();
  const csv = [
    "ID,DATE,LIMIT,WHY,SEX",
    "C-1,2026-01-01T00:00:00Z,7500,1,2",
    '"C-2",2026-01-02T00:00:00Z,"9000",2,1',
    "C-3,2026-01-03T00:00:00Z,many,1,1",
    'C-4,"open,5',
    "C-5,2026-01-05T00:00:00Z",
    "",
    "C-6,2026-01-06T00:00:00Z,1000,1,",
  ];
  const mapping = {
    application_id: "ID",
    submitted_at: "DATE",
    features: { loan_amount: "LIMIT", purpose: { column: "WHY", values: { "1": "car", "2": "medical" } } },
    protected: { sex: { column: "SEX", values: { "1": "male", "2": "female" } } },
    constants: { features: { term_months: 36 } },
  };
  const file = join(bed.home, "loans.csv.gz");
  const map = join(bed.home, "map.json");
  await writeFile(file, gzipSync(`\ufeff${csv.join("\r\n")}\r\n`));
  await writeFile(map, JSON.stringify(mapping));
  const { code, stdout, stderr } = await runCommand(["publish", file, "--map", map], bed.environment);
  expect(code).toBe(1);
  expect(stderr.split("\n")).toEqual([
    `${file}:4: features.loan_amount must be number; it is required`,
    `${file}:5: the row can't be split into cells: a quote stands inside a cell or is not closed`,
    `${file}:6: the row has 2 cells where the header has 5`,
    "",
  ]);
  expect(stdout).toMatch(
    /^6 lines to applications\.default in \d\.\d s \([\d,]+\/s\): 6 stored, 0 duplicates, 3 invalid, 0 refused\n$/,
  );
  const messages = await Promise.all([1, 2, 4, 6].map((seq) => bed.jsm.streams.getMessage("APPLICATIONS", { seq })));
  expect(messages.map((message) => Buffer.from(message!.data).toString())).toEqual([
    '{"application_id":"C-1","submitted_at":"2026-01-01T00:00:00Z","features":{"term_months":36,"loan_amount":7500,"purpose":"car"},"protected":{"sex":"female"}}',
    '{"application_id":"C-2","submitted_at":"2026-01-02T00:00:00Z","features":{"term_months":36,"loan_amount":9000,"purpose":"medical"},"protected":{"sex":"male"}}',
    'C-4,"open,5\r',
    '{"application_id":"C-6","submitted_at":"2026-01-06T00:00:00Z","features":{"term_months":36,"loan_amount":1000,"purpose":"car"}}',
  ]);
});

test("outcomes go to a stream of their own, from standard input as well", async () => {
  const bed = await createTestBed();
  const lines = [
    '{"application_id":"A","observed_at":"2026-01-01T00:00:00Z","defaulted":true}',
    '{"application_id":"B"}',
  ];
  const json = await runCommand(["publish", "--outcomes", "-", "--channel", "book"], bed.environment, lines.join("\n"));
  expect([json.code, json.stderr]).toEqual([1, "stdin:2: observed_at is required but missing\n"]);
  const rows = "application_id,observed_at,defaulted\nA,2026-01-02T00:00:00Z,0\n";
  const csv = await runCommand(["publish", "--outcomes", "--format", "csv", "-"], bed.environment, rows);
  expect([csv.code, csv.stderr]).toEqual([0, ""]);
  const messages = await Promise.all([1, 2, 3].map((seq) => bed.jsm.streams.getMessage("OUTCOMES", { seq })));
  expect(messages.map((message) => [message!.subject, Buffer.from(message!.data).toString()])).toEqual([
    ["outcomes.book", lines[0]],
    ["outcomes.book", lines[1]],
    ["outcomes.default", '{"application_id":"A","observed_at":"2026-01-02T00:00:00Z","defaulted":false}'],
  ]);
  // The same broken line on standard input again is another message.
  const again = await runCommand(["publish", "--outcomes", "-", "--json"], bed.environment, "x\nx\n");
  const later = await runCommand(["publish", "--outcomes", "-", "--json"], bed.environment, "x\n");
  expect([again, later].map(({ stdout }) => summaryOf(stdout).stored)).toEqual([2, 1]);
});

test("a stream that is full is waited for, and nothing is lost", async () => {
  const bed = await createTestBed({ APPLICATIONS_MAX_BYTES: "1MiB" });
  const lines = applications(6_000);
  const file = await writeLines(bed, "many.jsonl", lines);
  const publishing = startCommand(["publish", file, "--json"], bed.environment);
  await eventually("the stream is full", () => publishing.stderr().includes("maximum bytes exceeded"), {
    withinMs: 10_000,
  });
  bed.startScorer();
  const { code, stdout, stderr } = await publishing.ended;
  expect([code, stderr.trimEnd().split("\n")]).toEqual([
    0,
    ["the broker takes nothing for now (maximum bytes exceeded), trying again until it does; Ctrl-C gives up"],
  ]);
  expect(summaryOf(stdout)).toMatchObject({ lines: 6_000, stored: 6_000, duplicates: 0, complete: true });
  await drained(bed);
  expect(await readScoreRows(bed.database)).toHaveLength(6_000);
});

test("Ctrl-C finishes what is in flight and says how far it got", async () => {
  const bed = await createTestBed();
  const lines = applications(5_000);
  const file = await writeLines(bed, "many.jsonl", lines);
  const other = await writeLines(bed, "other.jsonl", applications(3, "Q"));
  const publishing = startCommand(["publish", file, other, "--rate", "1000"], bed.environment);
  await eventually("some are published", async () => ((await backlog(bed)) ?? 0) > 300, { withinMs: 10_000 });
  publishing.child.kill("SIGINT");
  const { code, stdout, stderr } = await publishing.ended;
  const count = (await backlog(bed))!;
  expect(count).toBeLessThan(3_000);
  expect([code, stderr]).toEqual([1, "plumbline: stopped before the end\n"]);
  const grouped = count.toLocaleString("en-US");
  expect(stdout).toContain(`${grouped} stored`);
  expect(stdout).toContain(`${file}: ${grouped} lines acknowledged, all up to line ${grouped}\n`);
  expect(stdout).toContain(`${other}: not begun\n`);
});

test("a broker that is killed meanwhile gets every line once", async () => {
  const bed = await createTestBed();
  const lines = applications(6_000);
  const publishing = startCommand(
    ["publish", await writeLines(bed, "many.jsonl", lines), "--rate", "3000", "--json"],
    bed.environment,
  );
  await eventually("some are published", async () => ((await backlog(bed)) ?? 0) > 1_000, { withinMs: 10_000 });
  bed.broker.kill();
  // The killed process may hold its port for a moment.
  const restarted = () =>
    bed.broker.restart().then(
      () => true,
      () => false,
    );
  await eventually("the broker is back", restarted, { withinMs: 10_000 });
  const { code, stdout } = await publishing.ended;
  expect(code).toBe(0);
  const { stored, duplicates } = summaryOf(stdout);
  expect(stored + duplicates).toBe(6_000);
  expect(await backlog(bed)).toBe(6_000);
}, 40_000);

test.skipIf(!existsSync(LOANS))("the loan book is published in seconds (needs ../shared)", async () => {
  const bed = await createTestBed();
  const { code, stdout } = await runCommand(["publish", LOANS, "--json"], bed.environment);
  expect(code).toBe(0);
  const summary = summaryOf(stdout);
  expect(summary).toMatchObject({ lines: 42_535, stored: 42_535, invalid: 0 });
  // Tens of thousands on a machine that does nothing else.
  expect(summary.per_second).toBeGreaterThan(5_000);
});

test("what is wrong is said before anything is published, and --check needs no server", async () => {
  const bed = await createTestBed();
  const file = await writeLines(bed, "good.jsonl", applications(2));
  await writeFile(join(bed.home, "empty.jsonl"), "");
  const away = runCommand(["publish", file], { ...bed.environment, NATS_URL: "nats://127.0.0.1:9" });

  const alone = { PLUMBLINE_HOME: bed.home };
  const empty = await runCommand(["publish", file, "empty.jsonl"], bed.environment);
  expect(empty).toEqual({ code: 1, stdout: "", stderr: "plumbline: empty.jsonl is empty.\n" });
  expect((await bed.jsm.streams.names().next()).length).toBe(0);
  const wrong = await runCommand(["publish", "--check", "--channel", "Web", file], alone);
  expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining("It must be 1 to 32 of a-z, 0-9, _ and -.") });
  const checked = await runCommand(["publish", "--check", "--json", "good.jsonl"], alone);
  expect(checked.code).toBe(0);
  expect(summaryOf(checked.stdout)).toMatchObject({ subject: null, lines: 2, invalid: 0, stored: 0, complete: true });

  expect(await away).toEqual({
    code: 1,
    stdout: "",
    stderr: expect.stringMatching(
      /^plumbline: cannot reach NATS at nats:\/\/127\.0\.0\.1:9: .*Check NATS_URL, and that the server runs\.\n$/,
    ),
  });
}, 20_000);
