import { expect, test } from "vitest";
import { makeApplication } from "../support/applications.ts";
import { readStream } from "../support/delivered.ts";
import { drained } from "../support/drain.ts";
import { eventually } from "../support/eventually.ts";
import { runCommand, startCommand } from "../support/ingest-command.ts";
import { randomFrom } from "../support/seed.ts";
import { createTestBed, type TestBed } from "../support/test-bed.ts";

async function publish(bed: TestBed, channel: string, ids: readonly string[]): Promise<void> {
  const random = randomFrom(5);
  for (const id of ids) await bed.js.publish(`applications.${channel}`, JSON.stringify(makeApplication(id, random)));
  await drained(bed);
}

function lines(text: string): string[] {
  return text.split("\n").slice(0, -1);
}

test("decisions are followed from before the first scorer on, and from any place", async () => {
  const bed = await createTestBed();
  const following = startCommand(["tail", "--json"], bed.environment);
  await eventually("it waits", () => following.stderr().includes("waiting for the stream SCORES"), {
    withinMs: 10_000,
  });
  const scorer = bed.startScorer();
  await scorer.ready();
  const followers = async () => (await bed.jsm.streams.info("SCORES")).state.consumer_count;
  await eventually("it follows", async () => (await followers()) === 1, { withinMs: 10_000 });
  await publish(bed, "web", ["A", "B"]);
  await publish(bed, "branch", ["C", "D"]);
  await eventually("all are shown", () => lines(following.stdout()).length === 4, { withinMs: 10_000 });
  following.child.kill("SIGINT");
  const { code, stdout, stderr } = await following.ended;
  expect([code, lines(stderr).length]).toEqual([0, 1]);
  const events = (await readStream(bed.js, bed.jsm, "SCORES")).map(({ payload }) => Buffer.from(payload).toString());
  expect(lines(stdout)).toEqual(events);
  expect(await followers()).toBe(0);

  const shown = async (...args: string[]) => {
    const ended = await runCommand(["tail", "--json", ...args], bed.environment);
    expect([ended.code, ended.stderr]).toEqual([0, ""]);
    return lines(ended.stdout);
  };
  expect(await shown("--from", "start", "--limit", "3")).toEqual(events.slice(0, 3));
  expect(await shown("--from", "3", "--limit", "2")).toEqual(events.slice(2));
  expect(await shown("--from", "start", "--channel", "branch", "--limit", "2")).toEqual(events.slice(2));
  const { decision } = JSON.parse(events[3]!);
  const [first] = events.filter((event) => JSON.parse(event).decision === decision);
  expect(await shown("--from", "start", "--decision", decision, "--limit", "1")).toEqual([first]);

  const human = await runCommand(["tail", "--from", "start", "--limit", "1"], bed.environment);
  const score = JSON.parse(events[0]!);
  const [time, id, channel, value, verdict, latency, unit] = human.stdout.split(/ +/);
  expect([time, id, channel, value, verdict, unit]).toEqual([
    score.scored_at,
    "A",
    "web",
    score.score.toFixed(4),
    score.decision,
    "ms",
  ]);
  expect(Number(latency)).toBeGreaterThanOrEqual(0);
  if (score.reasons.length > 0) expect(human.stdout).toContain(`${score.reasons[0].code} ${score.reasons[0].text}\n`);
});

test("a closed pipe ends it without a fault", async () => {
  const bed = await createTestBed();
  bed.startScorer();
  const following = startCommand(["tail", "--from", "start"], bed.environment);
  await bed.createStreams();
  await publish(bed, "web", ["A"]);
  await eventually("one is shown", () => lines(following.stdout()).length === 1, { withinMs: 10_000 });
  following.child.stdout.destroy();
  await publish(bed, "web", ["B", "C"]);
  expect(await following.ended).toMatchObject({ code: 0 });
  expect(lines(following.stderr()).filter((line) => !line.includes("waiting for the stream"))).toEqual([]);
});

test("wrong words are said", async () => {
  const { code, stderr } = await runCommand(["tail", "--from", "0"], { PLUMBLINE_HOME: "/tmp" });
  expect([code, stderr]).toEqual([2, expect.stringContaining('It must be "start" or a sequence from 1 on.')]);
});
