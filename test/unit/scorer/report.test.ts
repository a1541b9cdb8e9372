import { Registry } from "prom-client";
import { expect, test } from "vitest";
import type { Account } from "../../../src/scorer/judge.ts";
import { createScorerMetrics } from "../../../src/scorer/metrics.ts";
import { report } from "../../../src/scorer/report.ts";
import { decision, entry, event } from "./entries.ts";

const REJECTION = { reason: "poison", error: "x" } as const;

test("applications are counted once, by what became of them; what was settled before is a redelivery", async () => {
  const registry = new Registry();
  const metrics = createScorerMetrics(registry, { name: "small", version: "1", sha256: "ab" }, ["dti"]);
  const decided = (isNew: boolean): Account => ({ kind: "decided", decision: decision(1, "A"), isNew });
  const letter = (isNew: boolean): Account => ({ kind: "dead_letter", rejection: REJECTION, isNew, requeued: false });
  const settled: [Account, deliveries: number][] = [
    [decided(true), 1],
    [decided(true), 2],
    [decided(false), 2],
    // The broker was killed, and counts from 1 again.
    [decided(false), 1],
    [letter(true), 1],
    [letter(false), 3],
    [{ kind: "repetition" }, 1],
  ];
  report(
    settled.map(([account, deliveries], sequence) => ({ entry: entry(sequence, event("A"), deliveries), account })),
    metrics,
  );
  const text = await registry.metrics();
  const count = (name: string) =>
    Number(
      text
        .split("\n")
        .find((line) => line.startsWith(`${name} `))
        ?.split(" ")[1],
    );
  const outcome = (name: string) => count(`plumbline_applications_total{outcome="${name}"}`);
  expect(["scored", "dead_lettered", "duplicate", "retried"].map(outcome)).toEqual([2, 1, 1, 0]);
  expect(count("plumbline_redeliveries_total")).toBe(4);
  expect(count("plumbline_end_to_end_seconds_count")).toBe(2);
  expect(count('plumbline_dead_letters_total{reason="poison"}')).toBe(1);
});
