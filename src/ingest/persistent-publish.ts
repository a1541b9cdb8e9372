import { messageOf } from "../platform/errors.ts";
import type { Publication, Publisher, Receipt } from "../platform/publisher.ts";
import { isPassingRefusal } from "../platform/refusals.ts";
import { retry } from "../platform/retry.ts";

/** What became of a message; `open` when publishing was given up before the broker answered. */
export type Fate =
  | { readonly kind: "stored"; readonly sequence: number }
  /** The broker knew its `Nats-Msg-Id` already. */
  | { readonly kind: "duplicate"; readonly sequence: number }
  | { readonly kind: "refused"; readonly description: string }
  | { readonly kind: "open" };

export type Persistence = {
  /** Aborted to give up; a round that has begun is waited for. */
  readonly signal: AbortSignal;
  /** Told what the broker says when it takes nothing for now. */
  readonly onHeld: (description: string) => void;
};

const BACKOFF = { firstMs: 100, longestMs: 5_000 };

/**
 * Publishes messages that have a `Nats-Msg-Id` until the broker has answered for each: what it doesn't answer, or can't
 * take for now, is sent again under the same id for as long as it takes. Fates are in the order of the publications.
 */
export async function publishPersistently(
  publisher: Publisher,
  publications: readonly Publication[],
  { signal, onHeld }: Persistence,
): Promise<Fate[]> {
  const fates: Fate[] = publications.map(() => ({ kind: "open" }));
  const unanswered = new Set<number>();
  let open = [...publications.keys()];

  const attempt = async () => {
    const receipts = await publisher.publish(open.map((index) => publications[index]!));
    let held: Receipt | undefined;
    open = open.filter((index, position) => {
      const receipt = receipts[position]!;
      const fate = fateOf(receipt, unanswered.has(index));
      if (receipt.kind === "unanswered") unanswered.add(index);
      if (fate.kind === "open") held ??= receipt;
      fates[index] = fate;
      return fate.kind === "open";
    });
    if (held !== undefined) throw new Held(held);
  };

  try {
    await retry(
      attempt,
      (error) => {
        if (!(error instanceof Held)) throw error;
        onHeld(messageOf(error));
      },
      BACKOFF,
      signal,
    );
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return fates;
}

class Held extends Error {
  constructor(receipt: Receipt) {
    super(receipt.kind === "refused" ? receipt.description : "it doesn't answer");
  }
}

function fateOf(receipt: Receipt, wasUnanswered: boolean): Fate {
  if (receipt.kind === "unanswered") return { kind: "open" };
  if (receipt.kind === "refused") {
    return isPassingRefusal(receipt.code) ? { kind: "open" } : { kind: "refused", description: receipt.description };
  }
  // What it knew already may be our own earlier attempt, whose answer was lost.
  return { kind: receipt.duplicate && !wasUnanswered ? "duplicate" : "stored", sequence: receipt.sequence };
}
