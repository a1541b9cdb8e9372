import { type JetStreamManager, jetstreamManager } from "@nats-io/jetstream";
import { pause } from "../src/platform/retry.ts";
import type { Bodies } from "./applications.ts";
import type { Slate } from "./blank-slate.ts";
import { preload } from "./preload.ts";
import { cpuSeconds, residentMb, watchOthers } from "./process-usage.ts";
import { type ScorerPlan, withScorers } from "./scorers.ts";

export type DrainPlan = ScorerPlan & {
  readonly bodies: Bodies;
  readonly applications: number;
  /** Scored before the measurement, so that the code is compiled. */
  readonly warmUp: number;
};

export type Drain = {
  readonly applicationsPerSecond: number;
  /** CPU time per application in microseconds, of all processes of a kind. */
  readonly cpuMicros: { readonly scorers: number; readonly broker: number; readonly database: number };
  /** Most resident memory of a scorer, in MiB. */
  readonly scorerRssMb: number;
  /** Cores that other programs took meanwhile. */
  readonly otherCores: number;
};

/** The broker closes a scorer's open pull request after a second; frozen ones must have none when the stream fills. */
const PULLS_EXPIRE_MS = 1_300;
const POLL_MS = 15;
const STALLED_MS = 30_000;

/**
 * Fills the stream while the scorers are frozen, lets them go and takes the time until the broker has the last
 * acknowledgement.
 * @throws Error when a decision is missing afterwards, or nothing moves for half a minute.
 */
export async function measureDrain(slate: Slate, plan: DrainPlan, signal: AbortSignal): Promise<Drain> {
  const { nc, servers } = slate;
  const { bodies, applications, warmUp } = plan;
  const jsm = await jetstreamManager(nc);
  return withScorers(slate, plan, signal, async (scorers) => {
    await preload(nc, bodies, "warm", warmUp, signal);
    await untilEmpty(jsm, signal);
    scorers.freeze();
    await pause(PULLS_EXPIRE_MS, signal);
    await preload(nc, bodies, "drain", applications, signal);

    const used = () => ({
      scorers: scorers.pids.reduce((sum, pid) => sum + cpuSeconds(pid), 0),
      broker: cpuSeconds(servers.natsPid),
      database: cpuSeconds(servers.databasePid),
    });
    const before = used();
    const otherCores = watchOthers();
    let scorerRssMb = 0;
    const from = performance.now();
    scorers.thaw();
    await untilEmpty(jsm, signal, () => {
      scorerRssMb = Math.max(scorerRssMb, ...scorers.pids.map(residentMb));
    });
    const seconds = (performance.now() - from) / 1000;
    const after = used();
    const others = otherCores();
    await verify(slate, jsm, applications + warmUp);
    const micros = (kind: keyof typeof before) => ((after[kind] - before[kind]) * 1e6) / applications;
    return {
      applicationsPerSecond: applications / seconds,
      cpuMicros: { scorers: micros("scorers"), broker: micros("broker"), database: micros("database") },
      scorerRssMb,
      otherCores: others,
    };
  });
}

/** A settled application leaves the stream, so that an empty one has seen its last acknowledgement. */
async function untilEmpty(jsm: JetStreamManager, signal: AbortSignal, onPoll = () => {}): Promise<void> {
  let [left, movedAt] = [Number.POSITIVE_INFINITY, Date.now()];
  for (;;) {
    const { messages } = (await jsm.streams.info("APPLICATIONS")).state;
    if (messages === 0) return;
    if (messages !== left) [left, movedAt] = [messages, Date.now()];
    if (Date.now() - movedAt > STALLED_MS)
      throw new Error(`the scorers stand still with ${messages} applications left`);
    onPoll();
    await pause(POLL_MS, signal);
  }
}

async function verify({ database }: Slate, jsm: JetStreamManager, expected: number): Promise<void> {
  const { rows } = await database.query<{ decisions: number }>("select count(*)::int as decisions from public.scores");
  const { messages } = (await jsm.streams.info("SCORES")).state;
  if (rows[0]!.decisions !== expected || messages !== expected) {
    throw new Error(`of ${expected} applications ${rows[0]!.decisions} were decided and ${messages} published`);
  }
}
