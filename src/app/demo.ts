import { readFile } from "node:fs/promises";
import type { NatsConnection } from "@nats-io/transport-node";
import { headers } from "@nats-io/transport-node";
import { recommendedMessageId } from "../contracts/content.ts";
import { inputSubject } from "../contracts/subjects.ts";
import { parseApplicantSummary } from "../ingest/applicant-summary.ts";
import { createApplicants } from "../ingest/applicants.ts";
import { describeShift } from "../ingest/describe-shift.ts";
import { publishPersistently } from "../ingest/persistent-publish.ts";
import { LONGER_TERMS_UNVERIFIED_INCOME } from "../ingest/population-shift.ts";
import type { Logger } from "../platform/log.ts";
import { createPublisher } from "../platform/publisher.ts";
import { pause } from "../platform/retry.ts";
import { ROOT } from "./environment.ts";

const PER_SECOND = 50;
const TICK_MS = 100;
/** At a full minute, where windows of whole minutes begin, so that the first window after it is all shifted. */
const SHIFT_AFTER_MS = 3 * 60_000;
const MINUTE_MS = 60_000;
const SEED = 20_070_601;
const CHANNELS = ["web", "branch", "partner"] as const;

export type Demo = { stop(): Promise<void> };

/**
 * Publishes made-up applicants, 50 a second, and after three minutes applicants of a shifted population, which is
 * announced with `say`. The same seed every time; ids are new with every start.
 */
export async function startDemo(nc: NatsConnection, say: (line: string) => void, log: Logger): Promise<Demo> {
  const summary = parseApplicantSummary(await readFile(`${ROOT}models/lendingclub-applicants.json`, "utf8"));
  const startedAt = Date.now();
  const shiftAt = Math.ceil((startedAt + SHIFT_AFTER_MS) / MINUTE_MS) * MINUTE_MS;
  const applicants = createApplicants({ summary, seed: SEED, idPrefix: `demo-${startedAt.toString(36)}` });
  const publisher = createPublisher(nc);
  const stopping = new AbortController();
  const shift = LONGER_TERMS_UNVERIFIED_INCOME;
  let isShifted = false;
  let isHeld = false;
  let published = 0;

  async function publishDue(): Promise<void> {
    const now = Date.now();
    if (!isShifted && now >= shiftAt) {
      isShifted = true;
      say(describeShift(summary, shift));
    }
    const due = Math.floor(((now - startedAt) / 1000) * PER_SECOND) - published;
    // After a pause of the machine the past isn't made up for.
    const count = Math.min(due, PER_SECOND);
    published += due;
    const publications = Array.from({ length: count }, (_, index) => {
      const event = applicants.next(new Date(now), isShifted ? shift : undefined);
      const payload = Buffer.from(JSON.stringify(event));
      const identified = headers();
      identified.set("Nats-Msg-Id", recommendedMessageId(event.application_id, payload));
      const channel = CHANNELS[(published + index) % CHANNELS.length]!;
      return { subject: inputSubject("applications", channel), payload, headers: identified };
    });
    const fates = await publishPersistently(publisher, publications, { signal: stopping.signal, onHeld });
    isHeld = false;
    const refused = fates.filter((fate) => fate.kind === "refused");
    if (refused.length === 0) return;
    log.warn(
      { refused: refused.length, error: refused[0]!.description },
      "the broker refuses applications of the demo",
    );
  }

  /** Said once per outage: the applications are sent again until the broker has taken them. */
  function onHeld(description: string): void {
    if (!isHeld) say(`the demo waits: the broker takes no applications for now (${description})`);
    isHeld = true;
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      await publishDue();
      await pause(TICK_MS, stopping.signal).catch(() => {});
    }
  }
  const running = run().catch((error: unknown) => log.error({ err: error }, "the demo ended"));

  return {
    async stop() {
      stopping.abort();
      await running;
      publisher.close();
    },
  };
}
