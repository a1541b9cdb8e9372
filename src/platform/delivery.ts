import type { Msg, MsgHdrs } from "@nats-io/transport-node";

/** What the broker says of a delivered message. */
export type Delivery = {
  /** 1 for the first delivery. A broker that was killed may count from 1 again. */
  readonly deliveries: number;
  readonly sequence: number;
  /** The broker's time of receipt, in milliseconds since 1970. */
  readonly receivedAt: number;
};

/**
 * Reads a message's delivery from its acknowledgement subject,
 * `$JS.ACK.<stream>.<consumer>.<deliveries>.<sequence>.<consumer sequence>.<nanoseconds>.<pending>`; newer servers put
 * a domain and an account hash before the stream and a token at the end (NATS ADR-15).
 */
export function deliveryOf(message: Msg): Delivery {
  const tokens = message.reply!.split(".");
  const first = tokens.length >= 11 ? 6 : 4;
  return {
    deliveries: Number(tokens[first]),
    sequence: Number(tokens[first + 1]),
    receivedAt: Math.floor(Number(tokens[first + 3]!.slice(0, -3)) / 1000),
  };
}

/**
 * The headers of a delivered message; undefined when it has none, or some that the client refuses to read (it throws on
 * a stray carriage return, which the broker lets through).
 */
export function headersOf(message: Msg): MsgHdrs | undefined {
  try {
    return message.headers;
  } catch {
    return undefined;
  }
}

const ACK = new TextEncoder().encode("+ACK");
const WORKING = new TextEncoder().encode("+WPI");

/** The message is settled: it leaves the work queue. */
export function ack(message: Msg): void {
  message.respond(ACK);
}

/** Restarts the message's ack wait. */
export function working(message: Msg): void {
  message.respond(WORKING);
}

/** Hands the message back, to be delivered again after the delay. Without a delay the broker would loop. */
export function nak(message: Msg, delayMs: number): void {
  message.respond(`-NAK {"delay":${Math.round(delayMs * 1_000_000)}}`);
}
