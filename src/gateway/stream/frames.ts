import { CHANNEL } from "../../contracts/application.ts";
import { DECISIONS, type Decision } from "../../contracts/score.ts";
import type { ScoreMessage } from "./recent-scores.ts";

/** What goes over a WebSocket at /v1/stream, in both directions. */

export type Subscription = {
  readonly token: string;
  /** Empty for all. */
  readonly channels: ReadonlySet<string>;
  readonly decisions: ReadonlySet<Decision>;
  /** The first sequence that is wanted, in SCORES. */
  readonly from: number | "now";
  /** How often it wants to be told how far it is, in seconds; undefined for never. */
  readonly progress: number | undefined;
};

/** Why a connection is closed, as contract.md numbers it. */
export const CLOSE = {
  goingAway: 1001,
  tooSlow: 1013,
  badFrame: 4400,
  unauthenticated: 4401,
  gone: 4410,
} as const;

const MOST_CHANNELS = 100;
const MOST_TOKEN = 8_192;
const MOST_PROGRESS_S = 60;
const KNOWN = ["type", "token", "channels", "decisions", "from", "progress"];

/** Reads the first frame of a client; a fault is a sentence that names the field, short enough for a close frame. */
export function parseSubscribe(text: string): Subscription | { readonly fault: string } {
  let frame: unknown;
  try {
    frame = JSON.parse(text);
  } catch {
    return { fault: "the first frame must be JSON" };
  }
  if (typeof frame !== "object" || frame === null || Array.isArray(frame)) {
    return { fault: "the first frame must be a JSON object" };
  }
  const { type, token, channels = [], decisions = [], from, progress } = frame as Record<string, unknown>;
  if (type !== "subscribe") return { fault: 'type must be "subscribe"' };
  if (Object.keys(frame).some((name) => !KNOWN.includes(name))) return { fault: `only ${KNOWN.join(", ")} are known` };
  if (typeof token !== "string" || token === "" || token.length > MOST_TOKEN) return { fault: "token must be a token" };
  if (!isListOf(channels, (channel) => CHANNEL.test(channel))) return { fault: "channels must be a list of channels" };
  if (!isListOf(decisions, (decision) => DECISIONS.includes(decision as Decision))) {
    return { fault: `decisions must be a list of ${DECISIONS.join(", ")}` };
  }
  if (from !== "now" && !(Number.isSafeInteger(from) && (from as number) >= 1)) {
    return { fault: 'from must be a sequence from 1 on, or "now"' };
  }
  if (progress !== undefined && !(Number.isInteger(progress) && isWithin(progress as number, 1, MOST_PROGRESS_S))) {
    return { fault: `progress must be a whole number of seconds from 1 to ${MOST_PROGRESS_S}` };
  }
  return {
    token,
    channels: new Set(channels),
    decisions: new Set(decisions as Decision[]),
    from: from as Subscription["from"],
    progress: progress as Subscription["progress"],
  };
}

function isWithin(value: number, least: number, most: number): boolean {
  return value >= least && value <= most;
}

function isListOf(value: unknown, fits: (text: string) => boolean): value is string[] {
  return (
    Array.isArray(value) &&
    value.length <= MOST_CHANNELS &&
    value.every((text) => typeof text === "string" && fits(text))
  );
}

/** The error frame before a close that a program can act on. */
export function errorFrame(code: number, detail: string, more: object = {}): string {
  return JSON.stringify({ type: "error", code, detail, ...more });
}

/** Says that all up to a sequence which the subscription lets through were told. */
export function progressFrame(sequence: number): string {
  return `{"type":"progress","sequence":${sequence}}`;
}

const FIN_AND_TEXT = 0x81;
const TWO_BYTES = 126;
const EIGHT_BYTES = 127;

/**
 * A score as a whole WebSocket text frame (RFC 6455, section 5.2; a server's frames are not masked): made once, and written
 * to any number of sockets.
 */
export function scoreFrame({ sequence, text }: Pick<ScoreMessage, "sequence" | "text">): Buffer {
  const payload = Buffer.from(`{"type":"score","sequence":${sequence},"score":${text}}`);
  const { length } = payload;
  if (length < TWO_BYTES) return Buffer.concat([Buffer.from([FIN_AND_TEXT, length]), payload]);
  if (length < 0x10000) {
    const head = Buffer.from([FIN_AND_TEXT, TWO_BYTES, 0, 0]);
    head.writeUInt16BE(length, 2);
    return Buffer.concat([head, payload]);
  }
  const head = Buffer.alloc(10);
  head[0] = FIN_AND_TEXT;
  head[1] = EIGHT_BYTES;
  head.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([head, payload]);
}
