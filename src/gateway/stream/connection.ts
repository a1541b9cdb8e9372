import type { Socket } from "node:net";
import type { RawData, WebSocket } from "ws";
import { messageOf } from "../../platform/errors.ts";
import type { Logger } from "../../platform/log.ts";
import type { Authenticate } from "../access/authenticate.ts";
import { mayPass } from "../access/principal.ts";
import { hasRoom, type Recipient, wants } from "./delivery.ts";
import type { FanOut } from "./fan-out.ts";
import { CLOSE, errorFrame, parseSubscribe, progressFrame, type Subscription } from "./frames.ts";
import { Expired, type readHistory } from "./history.ts";
import type { keptRange } from "./kept-scores.ts";
import type { CloseReason, StreamMetrics } from "./metrics.ts";

export type ConnectionParts = {
  readonly authenticate: Authenticate;
  readonly fanOut: FanOut;
  readonly newest: () => number;
  readonly keptRange: () => ReturnType<typeof keptRange>;
  readonly readHistory: (from: number, signal: AbortSignal) => ReturnType<typeof readHistory>;
  /** Lets a few at a time read from the broker what is not in memory any more. */
  readonly inTurn: <T>(read: () => Promise<T>) => Promise<T>;
  readonly metrics: StreamMetrics;
  readonly log: Logger;
};

export type Connection = {
  /** Asks again whether its token is good, and whether anybody is there. */
  check(): Promise<void>;
  /** When that was done last, or it began; of performance.now(). */
  checkedAt(): number;
  close(reason: CloseReason): void;
  /** Ends it because what comes next is no longer kept. @param first the sequence that a client can go on from. */
  sayGone(first: number): void;
  readonly recipient: Recipient | undefined;
};

const SUBSCRIBE_WITHIN_MS = 5_000;
const STALLED_MS = 10_000;
const LOOK_AGAIN_MS = 20;
/** Between two checks. */
const MOST_PINGS = 150;
/** After a close frame; a client that doesn't answer it is cut off. */
const CLOSE_WITHIN_MS = 2_000;
/** A slow one first takes what lies before that frame. */
const CLOSE_SLOW_WITHIN_MS = 5_000;

const CODES: Readonly<Record<CloseReason, number>> = {
  client: 1000,
  going_away: CLOSE.goingAway,
  too_slow: CLOSE.tooSlow,
  bad_frame: CLOSE.badFrame,
  unauthenticated: CLOSE.unauthenticated,
  gone: CLOSE.gone,
  unresponsive: CLOSE.goingAway,
  crowded_out: CLOSE.tooSlow,
};

function patienceWith(reason: CloseReason): number {
  // Its place is given to another, so its socket has to go.
  if (reason === "crowded_out") return 0;
  return reason === "too_slow" ? CLOSE_SLOW_WITHIN_MS : CLOSE_WITHIN_MS;
}

/** One client, from its first frame to its end. @param socket the connection below, to which frames may be written whole. */
export function openConnection(ws: WebSocket, socket: Socket, parts: ConnectionParts): Connection {
  const { authenticate, fanOut, metrics, log } = parts;
  const gone = new AbortController();
  let token: string | undefined;
  let recipient: Recipient | undefined;
  let closedFor: CloseReason | undefined;
  let isAnswering = true;
  let pings = 0;
  let checkedAt = performance.now();
  let progressing: NodeJS.Timeout | undefined;

  const tooLate = setTimeout(() => close("bad_frame", "the subscribe frame must come within 5 s"), SUBSCRIBE_WITHIN_MS);
  ws.on("message", (data, isBinary) => void subscribe(data, isBinary).catch(fail));
  ws.on("pong", () => {
    isAnswering = true;
  });
  ws.on("ping", () => {
    // Each is answered, and the answers pile up for a client that doesn't read them.
    if (++pings <= MOST_PINGS) return;
    closedFor ??= "bad_frame";
    ws.terminate();
  });
  // What is wrong with a frame itself ws answers with a close of its own (1002, 1007, 1009).
  ws.on("error", (error) => log.debug({ error: messageOf(error) }, "a WebSocket client's frame was wrong"));
  ws.once("close", () => {
    clearTimeout(tooLate);
    clearInterval(progressing);
    gone.abort(new Error("the client has gone"));
    if (recipient !== undefined) fanOut.leave(recipient);
    metrics.closed(closedFor ?? "client");
  });

  function close(reason: CloseReason, text = "", frame?: string): void {
    if (closedFor !== undefined) return;
    closedFor = reason;
    gone.abort(new Error("the connection is closing"));
    if (recipient !== undefined) fanOut.leave(recipient);
    if (frame !== undefined) ws.send(frame);
    ws.close(CODES[reason], text);
    // A socket that takes nothing doesn't take a close frame either.
    setTimeout(() => ws.terminate(), patienceWith(reason)).unref();
  }

  function fail(error: unknown): void {
    if (closedFor !== undefined || ws.readyState !== ws.OPEN) return;
    if (error instanceof Expired) return void sayWhatIsKept().catch(() => close("going_away", "the broker is away"));
    log.warn({ error: messageOf(error) }, "a WebSocket client could not be served, it may come again");
    close("going_away", "a server is away, come again");
  }

  async function subscribe(data: RawData, isBinary: boolean): Promise<void> {
    if (closedFor !== undefined) return;
    if (token !== undefined) return close("bad_frame", "a connection subscribes once");
    const subscription = isBinary ? { fault: "frames must be text" } : parseSubscribe(data.toString());
    if ("fault" in subscription) return close("bad_frame", subscription.fault);
    token = subscription.token;
    clearTimeout(tooLate);
    if (!(await isGood(token))) return close("unauthenticated", "the token isn't good for reading scores");
    await begin(subscription);
  }

  async function isGood(own: string): Promise<boolean> {
    const principal = await authenticate(own);
    return principal !== undefined && mayPass(principal.role, "viewer");
  }

  async function begin(subscription: Subscription): Promise<void> {
    const next = subscription.from === "now" ? parts.newest() + 1 : subscription.from;
    recipient = { socket, subscription, next, fullSince: undefined };
    if (subscription.progress !== undefined) {
      progressing = setInterval(tellProgress, subscription.progress * 1_000, recipient);
    }
    if (next < fanOut.recent.completeFrom()) {
      await catchUp(recipient);
    } else if (next > parts.newest() + 1 && next > (await parts.keptRange()).last + 1) {
      // Of a stream that was made anew since: to wait for that sequence would leave out all before it. Our tail may be
      // behind that of the gateway it was told by, so the broker is asked.
      return sayWhatIsKept();
    }
    if (gone.signal.aborted) return;
    fanOut.join(recipient);
    if (subscription.progress !== undefined) tellProgress(recipient);
  }

  /** What was written before it comes before it; a socket that is full has enough to take already. */
  function tellProgress(own: Recipient): void {
    if (gone.signal.aborted || !hasRoom(own, performance.now())) return;
    ws.send(progressFrame(own.next - 1));
  }

  /** Reads from the broker until the rest is in memory; then the step to there skips and repeats nothing. */
  async function catchUp(own: Recipient): Promise<void> {
    if ((await parts.keptRange()).first > own.next) return sayWhatIsKept();
    const history = parts.readHistory(own.next, gone.signal);
    try {
      for (;;) {
        // Only reading is done in turn: a client that takes little would keep the others waiting.
        const { done, value: portion } = await parts.inTurn(() => history.next());
        if (done) break;
        for (const score of portion) {
          if (score.sequence >= fanOut.recent.completeFrom()) {
            // What lies between doesn't exist.
            own.next = score.sequence;
            return;
          }
          if (wants(own.subscription, score)) {
            await room(own);
            if (gone.signal.aborted) return;
            socket.write(score.frame);
            metrics.sent(1);
          }
          own.next = score.sequence + 1;
        }
        if (gone.signal.aborted || own.next >= fanOut.recent.completeFrom()) return;
      }
      // Nothing older is left than what is in memory.
      own.next = Math.max(own.next, fanOut.recent.completeFrom());
    } finally {
      await history.return(undefined);
    }
  }

  async function room(own: Recipient): Promise<void> {
    while (!gone.signal.aborted && !hasRoom(own, performance.now())) {
      if (performance.now() - own.fullSince! > STALLED_MS) return close("too_slow", "too slow");
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    }
  }

  async function sayWhatIsKept(): Promise<void> {
    sayGone((await parts.keptRange()).first);
  }

  function sayGone(first: number): void {
    const detail = `what was asked for is no longer kept; the first sequence that is, is ${first}`;
    close("gone", "no longer kept", errorFrame(CLOSE.gone, detail, { first_sequence: first }));
  }

  return {
    checkedAt: () => checkedAt,
    async check() {
      checkedAt = performance.now();
      pings = 0;
      if (!isAnswering) {
        closedFor ??= "unresponsive";
        return ws.terminate();
      }
      isAnswering = false;
      ws.ping();
      // Who authenticates is away now and then; what was good stays so until it says otherwise.
      if (token !== undefined && !(await isGood(token).catch(() => true))) {
        close("unauthenticated", "the token has expired or was revoked");
      }
    },
    close: (reason) => close(reason, reason === "too_slow" ? "too slow" : ""),
    sayGone,
    get recipient() {
      return recipient;
    },
  };
}
