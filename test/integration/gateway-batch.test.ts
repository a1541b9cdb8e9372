import { readdir } from "node:fs/promises";
import { type ClientRequest, request } from "node:http";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { BatchAnswer, BatchItem } from "../../src/gateway/applications/batch.ts";
import { amended, makeApplication, type TestApplication } from "../support/applications.ts";
import { drained } from "../support/drain.ts";
import { eventually } from "../support/eventually.ts";
import { startGateway, type TestGateway } from "../support/gateway.ts";
import { problemOf } from "../support/problem.ts";
import { randomFrom } from "../support/seed.ts";
import { createTestBed } from "../support/test-bed.ts";

const BATCH = "/v1/applications/batch?channel=web";
const random = randomFrom(990);
const applications = (count: number, prefix: string) =>
  Array.from({ length: count }, (_, index) => makeApplication(`${prefix}-${index}`, random));
const jsonLines = (items: readonly unknown[]) => items.map((item) => `${JSON.stringify(item)}\n`).join("");

const send = (gateway: TestGateway, body: string | FormData, type: string | undefined, query = "") =>
  gateway.ask("publisher", `${BATCH}${query}`, { method: "POST", body, headers: type ? { "content-type": type } : {} });
const upload = (gateway: TestGateway, text: string, name: string, query = "") => {
  const form = new FormData();
  form.set("file", new Blob([text]), name);
  return send(gateway, form, undefined, query);
};
const answerOf = async (response: Response) => {
  expect(response.status).toBe(200);
  return (await response.json()) as BatchAnswer;
};

/** A CSV file as a spreadsheet writes it. */
function csvOf(items: readonly TestApplication[]): string {
  const names = Object.keys(items[0]!.features);
  const rows = items.map(({ application_id, submitted_at, features, protected: shielded }) =>
    [application_id, submitted_at, ...names.map((name) => features[name] ?? ""), shielded?.sex ?? ""].join(","),
  );
  return [`application_id,submitted_at,${names.join(",")},protected.sex`, ...rows, ""].join("\r\n");
}

test("of 1,000 applications with 10 bad ones, 990 are accepted and 10 are told by index and field", async () => {
  const bed = await createTestBed();
  const scorer = bed.startScorer();
  const [gateway] = await Promise.all([startGateway(bed), scorer.ready()]);
  const batch: TestApplication[] = applications(1_000, "T");
  const bad = Array.from({ length: 10 }, (_, n) => n * 97 + 5);
  for (const [n, index] of bad.entries()) {
    const { application_id, submitted_at, features } = batch[index]!;
    batch[index] = [
      { application_id, submitted_at, features: { ...features, loan_amount: "7500" } },
      { application_id, submitted_at: "yesterday", features },
      { application_id: "no good id", submitted_at, features },
      { application_id, submitted_at, features: { ...features, loan_amount: null } },
      7 as unknown as TestApplication,
    ][n % 5]!;
  }
  const fields = ["features.loan_amount", "submitted_at", "application_id", "features.loan_amount", "the event"];

  const first = await answerOf(await gateway.post("publisher", BATCH, batch));
  expect(first).toMatchObject({ accepted: 990, duplicate: 0, invalid: 10, conflict: 0 });
  const refused = first.items.filter(({ status }) => status === "invalid");
  expect(refused.map(({ index, errors }) => [index, errors![0]!.field])).toEqual(
    bad.map((index, n) => [index, fields[n % 5]]),
  );
  expect(refused.filter((item) => "application_id" in item)).toHaveLength(6);
  await drained(bed);
  const { rows } = await bed.database.query("select count(*)::int as n from public.scores");
  expect(rows[0]).toEqual({ n: 990 });
  expect((await bed.jsm.streams.info("DEADLETTERS")).state.messages).toBe(0);

  // All of it again, with one that now has other content.
  batch[0] = JSON.parse(amended(batch[0]!)) as TestApplication;
  const second = await answerOf(await gateway.post("publisher", BATCH, batch));
  expect(second).toMatchObject({ accepted: 0, duplicate: 989, invalid: 10, conflict: 1 });
  expect(second.items[0]).toMatchObject({ status: "conflict", errors: [{ field: "application_id" }] });
  expect(second.items[1]!.sequence).toBe(first.items[1]!.sequence);
  const { state } = await bed.jsm.streams.info("APPLICATIONS");
  expect(state.last_seq).toBe(990);
});

test("JSON lines and files are taken like an array, and each knows its line", async () => {
  const bed = await createTestBed();
  const gateway = await startGateway(bed);
  const items = applications(3, "L");
  const lines = `\ufeff${jsonLines(items.slice(0, 2))}\n  \nnonsense\n${jsonLines(items.slice(2))}`;
  const expected = [
    { index: 0, line: 1, application_id: "L-0", status: "accepted", sequence: 1 },
    { index: 1, line: 2, application_id: "L-1", status: "accepted", sequence: 2 },
    { index: 2, line: 5, status: "invalid", errors: [{ field: "the event" }] },
    { index: 3, line: 6, application_id: "L-2", status: "accepted", sequence: 3 },
  ];
  const answer = await answerOf(await send(gateway, lines, "application/x-ndjson; charset=utf-8"));
  expect(answer.items).toMatchObject(expected);
  const again = await answerOf(await upload(gateway, lines, "May 2026.JSONL"));
  expect(again).toMatchObject({ accepted: 0, duplicate: 3, invalid: 1, conflict: 0 });

  const rows = csvOf(applications(4, "C")).split("\r\n");
  rows[2] = `${rows[2]},one cell too many`;
  rows[3] = rows[3]!.replace(/^[^,]*,[^,]*,[^,]*/, (cells) => cells.replace(/[^,]*$/, "much"));
  const csv = await answerOf(await upload(gateway, rows.join("\r\n"), "applications.csv"));
  expect(csv.items).toMatchObject([
    { index: 0, line: 2, application_id: "C-0", status: "accepted" },
    { index: 1, line: 3, status: "invalid", errors: [{ field: "the row" }] },
    { index: 2, line: 4, application_id: "C-2", status: "invalid", errors: [{ field: "features.loan_amount" }] },
    { index: 3, line: 5, application_id: "C-3", status: "accepted" },
  ]);
  expect(await filesOf(gateway)).toEqual([]);
});

test("an upload may hold far more than a batch, and its results are kept as CSV or JSON lines", async () => {
  const bed = await createTestBed();
  const gateway = await startGateway(bed);
  const many = applications(4_321, "U");
  const csv = await upload(gateway, csvOf(many), "applications.csv", "&results=csv");
  expect(csv.status).toBe(200);
  expect(csv.headers.get("content-disposition")).toBe('attachment; filename="results.csv"');
  expect(csv.headers.get("content-type")).toContain("text/csv");
  const rows = (await csv.text()).split("\r\n");
  expect(rows).toHaveLength(4_323);
  expect(rows[0]).toBe("index,line,application_id,status,sequence,errors");
  expect(rows[4_321]).toBe("4320,4322,U-4320,accepted,4321,");

  const { protected: _, ...bare } = many[1]!;
  const lines = await upload(gateway, `${JSON.stringify({ ...bare, features: 1 })}\n{"`, "a.jsonl", "&results=jsonl");
  expect(lines.headers.get("content-disposition")).toBe('attachment; filename="results.jsonl"');
  const items = (await lines.text()).trimEnd().split("\n");
  expect(items.map((line) => (JSON.parse(line) as BatchItem).status)).toEqual(["invalid", "invalid"]);
  const quoted = await upload(gateway, "{}\n", "a.jsonl", "&results=csv");
  expect(await quoted.text()).toContain("0,1,,invalid,,application_id: is required but missing; ");
});

test("a batch or file that can't be taken as a whole is refused with nothing of it submitted", async () => {
  const bed = await createTestBed();
  const gateway = await startGateway(bed);
  const [one] = applications(1, "R");
  const tooMany = Array.from({ length: 1_001 }, () => one);
  const json = "application/json";
  const noFile = new FormData();
  noFile.set("file", "not a file");
  const packed = await upload(gateway, "x", "applications.csv.gz");
  const cases: [string, Response, number][] = [
    ["an object", await send(gateway, JSON.stringify(one), json), 400],
    ["no JSON", await send(gateway, '[{"a":', json), 400],
    ["too many", await send(gateway, JSON.stringify(tooMany), json), 413],
    ["too many lines", await send(gateway, jsonLines(tooMany), "application/x-ndjson"), 413],
    ["too many rows", await upload(gateway, "{}\n".repeat(100_001), "a.jsonl"), 413],
    ["too large", await upload(gateway, " ".repeat(64 * 1024 * 1024 + 1), "a.jsonl"), 413],
    ["an empty file", await upload(gateway, "", "a.csv"), 422],
    ["columns that don't fit", await upload(gateway, "application_id,amount\nA,1\n", "a.csv"), 422],
    ["a packed file", packed, 415],
    ["no file", await send(gateway, noFile, undefined), 400],
    ["no multipart", await send(gateway, "--x--", "multipart/form-data"), 400],
    ["a cut off multipart", await send(gateway, "--x\r\n", "multipart/form-data; boundary=x"), 400],
    ["text", await send(gateway, "a,b", "text/csv"), 415],
    ["an unknown format", await send(gateway, "[]", json, "&results=xml"), 400],
  ];
  for (const [what, response, status] of cases) {
    expect({ what, status: response.status }).toEqual({ what, status });
    await problemOf(response);
  }
  expect((await bed.jsm.streams.info("APPLICATIONS")).state.last_seq).toBe(0);
  expect(await answerOf(await send(gateway, "[]", json))).toMatchObject({ accepted: 0, items: [] });
});

test("more files at a time than there is room for are refused for now, and those that are broken off leave nothing", async () => {
  const bed = await createTestBed();
  const gateway = await startGateway(bed);
  const files = async () => (await filesOf(gateway)).length;
  const { token } = await gateway.token("publisher");
  const begun = Array.from({ length: 8 }, () => beginUpload(gateway, token));
  await eventually("all are on their way", async () => (await files()) === 8, { withinMs: 5_000 });
  const refused = await upload(gateway, jsonLines(applications(3, "R")), "r.jsonl");
  expect(refused.status).toBe(503);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  expect((await problemOf(refused)).detail).toContain("Send it again");
  await answerOf(await send(gateway, JSON.stringify(applications(3, "J")), "application/json"));
  for (const sending of begun) sending.destroy();
  await eventually("nothing is left of them", async () => (await files()) === 0, { withinMs: 5_000 });
  const answer = await answerOf(await upload(gateway, jsonLines(applications(3, "K")), "k.jsonl"));
  expect(answer.accepted).toBe(3);
});

test("what a gateway that was killed had of a file is removed by the next", async () => {
  const bed = await createTestBed();
  const gateway = await startGateway(bed);
  beginUpload(gateway, (await gateway.token("publisher")).token);
  await eventually("it has a part of the file", async () => (await filesOf(gateway)).length === 1, { withinMs: 5_000 });
  gateway.process.signal("SIGKILL");
  await gateway.process.ended;
  expect(await filesOf(gateway)).toHaveLength(1);
  await startGateway(bed);
  expect(await filesOf(gateway)).toHaveLength(0);
});

/** The files that a gateway keeps while they are worked on. */
async function filesOf({ process: { pid } }: TestGateway): Promise<string[]> {
  const folders = (await readdir(tmpdir())).filter((name) =>
    name.startsWith(`plumbline-uploads-${hostname()}-${pid}-`),
  );
  return (await Promise.all(folders.map((folder) => readdir(join(tmpdir(), folder))))).flat();
}

/** Sends the beginning of a file, and no more. */
function beginUpload(gateway: TestGateway, token: string): ClientRequest {
  const headers = { authorization: `Bearer ${token}`, "content-type": "multipart/form-data; boundary=x" };
  const sending = request(`${gateway.url}${BATCH}`, { method: "POST", headers });
  sending.on("error", () => {});
  sending.write('--x\r\nContent-Disposition: form-data; name="file"; filename="a.jsonl"\r\n\r\n{"application_id"');
  return sending;
}

test("a full stream refuses a batch with Retry-After; sent again it is taken once", async () => {
  const bed = await createTestBed({ APPLICATIONS_MAX_MESSAGES: "10" });
  const gateway = await startGateway(bed);
  const batch = applications(15, "Q");
  const held = await gateway.post("publisher", BATCH, batch);
  expect(held.status).toBe(503);
  expect(Number(held.headers.get("retry-after"))).toBeGreaterThan(0);
  expect((await problemOf(held)).detail).toContain("nothing is taken twice");

  const scorer = bed.startScorer({ APPLICATIONS_MAX_MESSAGES: "10" });
  await scorer.ready();
  await drained(bed);
  const again = await answerOf(await gateway.post("publisher", BATCH, batch));
  expect(again.accepted + again.duplicate).toBe(15);
  await drained(bed);
  const { rows } = await bed.database.query("select count(*)::int as n from public.scores");
  expect(rows[0]).toEqual({ n: 15 });
  expect((await bed.jsm.streams.info("APPLICATIONS")).state.last_seq).toBe(15);
});
