import { createHash } from "node:crypto";
import { amended, makeApplication, pickChannel, reworded } from "./applications.ts";
import type { Outgoing } from "./publish.ts";
import type { Random } from "./seed.ts";

/** Shares of the messages that are something else than a new, valid application. */
export type Mix = {
  readonly repeated?: number;
  readonly conflicting?: number;
  readonly malformed?: number;
};

/** Makes message after message: distinct ids, and the wanted shares of repetitions, conflicts and malformed events. */
export function createLoad(random: Random, mix: Mix = {}): () => Outgoing {
  const { repeated = 0, conflicting = 0, malformed = 0 } = mix;
  const recent: { application: ReturnType<typeof makeApplication> }[] = [];
  let made = 0;

  function another(): Outgoing {
    const application = makeApplication(`A-${(made++).toString(36).padStart(6, "0")}`, random);
    if (recent.push({ application }) > 1_000) recent.shift();
    return outgoing(pickChannel(random), JSON.stringify(application));
  }

  return () => {
    const kind = random.next();
    if (recent.length > 0 && kind < repeated) {
      return outgoing(pickChannel(random), reworded(random.pick(recent).application));
    }
    if (recent.length > 0 && kind < repeated + conflicting) {
      return outgoing(pickChannel(random), amended(random.pick(recent).application));
    }
    if (kind < repeated + conflicting + malformed) return malformedOne(another(), random);
    return another();
  };
}

export function outgoing(channel: string, payload: string | Uint8Array): Outgoing {
  const subject = `applications.${channel}`;
  // Of subject and payload, so that the broker swallows only what was sent twice.
  const messageId = createHash("sha256").update(`${subject}\0`).update(payload).digest("hex").slice(0, 32);
  return { subject, payload: Buffer.from(payload), messageId };
}

function malformedOne({ subject, payload }: Outgoing, random: Random): Outgoing {
  const text = Buffer.from(payload).toString();
  const faults: Outgoing[] = [
    { subject, payload: Buffer.from(text.slice(0, -random.below(40) - 2)), expected: "malformed_json" },
    {
      subject,
      payload: Buffer.from(text.replace(/"loan_amount":\d+/, '"loan_amount":"a lot"')),
      expected: "schema_violation",
    },
    { subject: `${subject}.deep`, payload, expected: "invalid_subject" },
  ];
  return random.pick(faults);
}
