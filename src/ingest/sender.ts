import { headers } from "@nats-io/transport-node";
import type { Publisher } from "../platform/publisher.ts";
import type { EventLine } from "./event-lines.ts";
import { type Fate, type Persistence, publishPersistently } from "./persistent-publish.ts";

export type Sender = {
  /** Sends lines as one window; resolves as soon as there is room for the next. */
  send(lines: readonly EventLine[], onSettled: OnSettled): Promise<void>;
  /** Resolves when nothing is in flight. @throws what kept a window from being published. */
  landed(): Promise<void>;
};

type OnSettled = (line: EventLine, fate: Fate) => void;

export type SenderOptions = Persistence & {
  readonly publisher: Publisher;
  readonly subject: string;
  /** Told when a window that the broker took nothing of for a while is through. */
  readonly onReleased: () => void;
};

/** A window of lines is published and waited for together. */
export const WINDOW = { lines: 250, bytes: 1024 * 1024 } as const;
/** Several windows are on their way at once, so that the broker never waits for us. */
const IN_FLIGHT = { lines: 1_000, bytes: 4 * WINDOW.bytes } as const;

/** Publishes windows of lines to a subject, with a bounded number of lines and bytes in flight. */
export function createSender({ publisher, subject, signal, onHeld, onReleased }: SenderOptions): Sender {
  const inFlight = new Set<Promise<void>>();
  let lines = 0;
  let bytes = 0;
  let failure: { readonly error: unknown } | undefined;

  async function deliver(window: readonly EventLine[], onSettled: OnSettled): Promise<void> {
    let held = false;
    const hold = (description: string) => {
      held = true;
      onHeld(description);
    };
    const publications = window.map(({ payload, messageId }) => {
      const identified = headers();
      identified.set("Nats-Msg-Id", messageId);
      return { subject, payload, headers: identified };
    });
    const fates = await publishPersistently(publisher, publications, { signal, onHeld: hold });
    if (held) onReleased();
    window.forEach((line, index) => {
      onSettled(line, fates[index]!);
    });
  }

  return {
    async send(window, onSettled) {
      const size = window.reduce((sum, { payload }) => sum + payload.length, 0);
      lines += window.length;
      bytes += size;
      const delivery = deliver(window, onSettled)
        .catch((error: unknown) => {
          failure ??= { error };
          for (const line of window) onSettled(line, { kind: "open" });
        })
        .finally(() => {
          lines -= window.length;
          bytes -= size;
          inFlight.delete(delivery);
        });
      inFlight.add(delivery);
      while (lines + WINDOW.lines > IN_FLIGHT.lines || bytes + WINDOW.bytes > IN_FLIGHT.bytes) {
        await Promise.race(inFlight);
      }
      if (failure) throw failure.error;
    },
    async landed() {
      await Promise.all(inFlight);
      if (failure) throw failure.error;
    },
  };
}
