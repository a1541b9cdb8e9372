import { insertRows, type NewDecision } from "../../src/scorer/record.ts";
import type { Decider } from "../../src/scorer/score.ts";
import type { Bodies } from "../applications.ts";
import type { Slate } from "../blank-slate.ts";
import { medianRate } from "../median-rate.ts";
import { decideApplications } from "./decisions.ts";

const BATCH = 256;

/** Inserting decisions into PostgreSQL, 256 in a statement, so many statements at the same time: rows per second. */
export async function measureInsertion(
  { database }: Slate,
  decider: Decider,
  bodies: Bodies,
  plan: { readonly connections: number; readonly windowMs: number },
  signal: AbortSignal,
): Promise<number> {
  const prefix = `insert${plan.connections}`;
  const first = plan.connections * 1_000_000_000;
  const decisions = await decideApplications(decider, bodies, { prefix, from: first, count: BATCH });
  let sequence = first;
  const nextRows = (): NewDecision[] =>
    decisions.map((row) => {
      sequence++;
      return { ...row, decision: { ...row.decision, sequence, applicationId: `${prefix}-${sequence}` } };
    });
  return medianRate(plan.windowMs, signal, async () => {
    const inserted = await Promise.all(
      Array.from({ length: plan.connections }, () => insertRows(database, nextRows())),
    );
    const rows = inserted.reduce((sum, { size }) => sum + size, 0);
    if (rows !== plan.connections * BATCH) throw new Error("the database left rows out");
    return rows;
  });
}
