import type { JetStreamManager } from "@nats-io/jetstream";
import type { InputStream } from "../contracts/subjects.ts";
import { type AuditEntry, COMMAND_LINE, recordChanges } from "../gateway/access/audit.ts";
import { type DeadLetter, type DeadLetterFilter, type DeadLetterId, listDeadLetters } from "../ingest/dead-letters.ts";
import { type Requeued, requeue } from "../ingest/requeue.ts";
import type { Database } from "../platform/postgres.ts";
import { createPublisher } from "../platform/publisher.ts";
import { ensureStream } from "../platform/topology.ts";
import { brokerFor, type Command, databaseFor } from "./command-servers.ts";
import { inputStream } from "./publish.ts";

export type RequeueRequest = {
  /** Those named, or all that fit a filter and are there now. */
  readonly wanted: readonly DeadLetterId[] | DeadLetterFilter;
  /** Instead of the channel that each was published to. */
  readonly channel: string | undefined;
  /** Told what the broker says when it takes nothing for now. */
  readonly onHeld: (description: string) => void;
};

/** Payloads are up to 960 KiB each. */
const AT_ONCE = 50;

/** Requeues dead letters, some at a time, and tells what became of each. Ends early when the signal aborts. */
export async function* requeueDeadLetters(
  command: Command,
  { wanted, channel, onHeld }: RequeueRequest,
): AsyncGenerator<Requeued> {
  const { signal } = command;
  const { nc, jsm } = await brokerFor(command);
  const publisher = createPublisher(nc);
  let opening: Promise<Database> | undefined;
  const database = () => {
    opening ??= databaseFor(command);
    return opening;
  };
  const verified = new Set<InputStream>();
  try {
    for await (const ids of windows(wanted, jsm, signal)) {
      if (signal.aborted) return;
      for (const input of new Set(ids.map((id) => id.input)).difference(verified)) {
        await ensureStream(jsm, inputStream(command.environment, input));
        verified.add(input);
      }
      const results = await requeue(ids, { jsm, publisher, database, channel, signal, onHeld });
      // Outcomes are requeued without a database, and without an entry then.
      if (opening !== undefined) await recordChanges(await opening, results.filter(isDone).map(changeOf));
      yield* results;
    }
  } finally {
    publisher.close();
    await (await opening?.catch(() => undefined))?.end();
    await nc.close();
  }
}

function isDone(result: Requeued): boolean {
  return !("error" in result);
}

function changeOf({ id }: Requeued): AuditEntry {
  return { ...COMMAND_LINE, action: "deadletters.requeue", subject: id, result: "done" };
}

async function* windows(
  wanted: RequeueRequest["wanted"],
  jsm: JetStreamManager,
  signal: AbortSignal,
): AsyncGenerator<(DeadLetterId | DeadLetter)[]> {
  let window: (DeadLetterId | DeadLetter)[] = [];
  for await (const id of "reason" in wanted ? listDeadLetters(jsm, wanted, signal) : wanted) {
    window.push(id);
    if (window.length < AT_ONCE) continue;
    yield window;
    window = [];
  }
  if (window.length > 0) yield window;
}
