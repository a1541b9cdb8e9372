import { scoreEvent } from "../../src/contracts/score.ts";
import { scoreSubject } from "../../src/contracts/subjects.ts";
import { createPublisher, type Publication } from "../../src/platform/publisher.ts";
import type { NewDecision } from "../../src/scorer/record.ts";
import type { Decider } from "../../src/scorer/score.ts";
import type { Bodies } from "../applications.ts";
import type { Slate } from "../blank-slate.ts";
import { medianRate } from "../median-rate.ts";
import { decideApplications } from "./decisions.ts";

const BATCH = 256;
const IN_FLIGHT = 4;

/** Writing and publishing score events to SCORES with every acknowledgement awaited, four batches of 256 at a time: per second. */
export async function measurePublication(
  { nc }: Slate,
  decider: Decider,
  bodies: Bodies,
  windowMs: number,
  signal: AbortSignal,
): Promise<number> {
  const decisions = await decideApplications(decider, bodies, { prefix: "publish", from: 1, count: BATCH });
  const publisher = createPublisher(nc);
  let sequence = 0;
  async function publishBatch(): Promise<void> {
    const receipts = await publisher.publish(decisions.map((row) => publication(row, ++sequence)));
    if (receipts.some(({ kind }) => kind !== "stored")) throw new Error("the broker did not take a score event");
  }
  try {
    return await medianRate(windowMs, signal, async () => {
      await Promise.all(Array.from({ length: IN_FLIGHT }, publishBatch));
      return IN_FLIGHT * BATCH;
    });
  } finally {
    publisher.close();
  }
}

function publication({ decision }: NewDecision, sequence: number): Publication {
  const fresh = { ...decision, sequence, applicationId: `publish-${sequence}` };
  return {
    subject: scoreSubject(fresh.channel, fresh.decision, fresh.applicationId),
    payload: JSON.stringify(scoreEvent(fresh)),
  };
}
