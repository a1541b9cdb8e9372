/**
 * Follows the decisions of a Plumbline gateway, in a browser or in Node 22 and later. It reconnects by itself and goes on
 * where it was, so that every decision that is kept is told once and in order.
 */

export type Score = {
  readonly application_id: string;
  readonly channel: string;
  readonly submitted_at: string;
  readonly received_at: string;
  readonly scored_at: string;
  readonly model: { readonly name: string; readonly version: string; readonly sha256: string };
  readonly policy: { readonly version: string };
  /** Probability of default. */
  readonly score: number;
  readonly risk_band: "low" | "medium" | "high";
  readonly decision: "approve" | "refer" | "decline";
  readonly reasons: readonly {
    readonly code: string;
    readonly feature: string;
    readonly text: string;
    /** In log-odds of default. */
    readonly contribution: number;
  }[];
  readonly sequence: number;
  readonly supersedes?: string;
};

export type FollowState =
  /** Connected; what is missing comes. */
  | { readonly kind: "open" }
  /** Trying again in so many milliseconds. */
  | { readonly kind: "away"; readonly retryInMs: number }
  /** What comes next is no longer kept; it went on with the first that is, or where that goes while it asks, a later one. */
  | { readonly kind: "gap"; readonly firstSequence: number }
  /** For good: the token isn't good and asking again gives the same one, or the gateway doesn't understand what it was asked. */
  | { readonly kind: "refused"; readonly code: number; readonly reason: string };

export type FollowOptions = {
  /** Such as https://plumbline.example.com, or wss:// of it. */
  readonly gateway: string;
  /** Asked for at each connection, so that one that runs out can be renewed. */
  readonly token: () => string | Promise<string>;
  /** Empty or absent for all. */
  readonly channels?: readonly string[];
  readonly decisions?: readonly Score["decision"][];
  /**
   * The first sequence that is wanted, as told to `onScore` plus one; or what is decided from now on.
   */
  readonly from?: number | "now";
  /** A connection on which nothing has come for so long is given up for a new one: 3 to 180 seconds, 15 unless told. */
  readonly silentAfterS?: number;
  /** @param sequence of the event in the stream, to go on after it later. */
  readonly onScore: (score: Score, sequence: number) => void;
  readonly onState?: (state: FollowState) => void;
};

export type Following = {
  /** The last sequence that was told; undefined before the first. */
  lastSequence(): number | undefined;
  stop(): void;
};

const CODE = { badFrame: 4400, unauthenticated: 4401, gone: 4410 } as const;
const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 15_000;
/** What is gone is asked again for at once so often, then after a while. */
const MOST_AT_ONCE = 10;
const MOST_DOUBLINGS = 4;
const SILENT_AFTER_S = 15;
/** The gateway is asked to say something so many times before it is taken to be silent. */
const BEATS = 3;
const LOOK_EVERY_MS = 500;
/** A connection that stood for so long was a good one: the next try comes soon again. */
const STABLE_MS = 5_000;

/** Follows decisions until stopped or refused. @throws TypeError when the gateway's address is none of http, https, ws or wss. */
export function followScores(options: FollowOptions): Following {
  const { onScore, onState = () => {}, silentAfterS = SILENT_AFTER_S } = options;
  const url = streamUrl(options.gateway);
  let last: number | undefined;
  let from = options.from ?? "now";
  let retries = 0;
  /** How often in a row what was asked for was gone. */
  let gaps = 0;
  let socket: WebSocket | undefined;
  let refused: { readonly token: string; readonly reason: string } | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let looking: ReturnType<typeof setInterval> | undefined;
  let stopped = false;

  async function connect(): Promise<void> {
    const token = await options.token();
    if (stopped) return;
    if (refused?.token === token) return refuse(CODE.unauthenticated, refused.reason);
    const own = new WebSocket(url);
    socket = own;
    let firstKept: number | undefined;
    let openedAt = Number.POSITIVE_INFINITY;
    let heardAt = Date.now();
    clearInterval(looking);
    // Where the network is half open nobody tells that the other side has gone.
    looking = setInterval(() => {
      if (Date.now() - heardAt < silentAfterS * 1_000) return;
      abandon();
      if (Date.now() - openedAt > STABLE_MS) retries = gaps = 0;
      retry();
    }, LOOK_EVERY_MS);
    own.onopen = () => {
      if (stopped || socket !== own) return own.close();
      openedAt = heardAt = Date.now();
      const { channels = [], decisions = [] } = options;
      const progress = Math.max(1, Math.floor(silentAfterS / BEATS));
      own.send(JSON.stringify({ type: "subscribe", token, channels, decisions, from, progress }));
      onState({ kind: "open" });
    };
    own.onmessage = ({ data }) => {
      // One that was given up may wake up again.
      if (stopped || socket !== own) return;
      heardAt = Date.now();
      const frame = JSON.parse(data as string);
      if (frame.type === "error") firstKept = frame.first_sequence;
      // All that fits has come up to there: it goes on after it, whether the last that fits was long ago or never.
      if (frame.type === "progress") {
        from = frame.sequence + 1;
        gaps = 0;
      }
      if (frame.type !== "score") return;
      // Never twice, even if a gateway should say it twice.
      if (last !== undefined && frame.sequence <= last) return;
      last = frame.sequence as number;
      from = last + 1;
      gaps = 0;
      onScore(frame.score, last);
    };
    own.onclose = ({ code, reason }) => {
      if (stopped || socket !== own) return;
      clearInterval(looking);
      if (Date.now() - openedAt > STABLE_MS) retries = gaps = 0;
      if (code === CODE.badFrame) refuse(code, reason);
      else if (code === CODE.unauthenticated) {
        // It may have run out: another one is asked for.
        refused = { token, reason };
        retry();
      } else if (code === CODE.gone && firstKept !== undefined) {
        // While we ask, more may go. What went during the last try says how much; each time more is left to it.
        const wentMeanwhile = gaps > 0 && typeof from === "number" ? Math.max(0, firstKept - from) : 0;
        from = firstKept + wentMeanwhile * 2 ** Math.min(gaps, MOST_DOUBLINGS);
        gaps++;
        last = undefined;
        onState({ kind: "gap", firstSequence: from });
        if (gaps <= MOST_AT_ONCE) again(0);
        else retry();
      } else retry();
    };
  }

  /** Closing it takes an answer that may never come, so nobody waits for that. */
  function abandon(): void {
    clearInterval(looking);
    const old = socket;
    socket = undefined;
    old?.close();
  }

  function refuse(code: number, reason: string): void {
    stopped = true;
    onState({ kind: "refused", code, reason });
  }

  function retry(): void {
    // Spread, so that all clients of a gateway that restarts don't come at the same moment.
    const longest = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** retries++);
    const retryInMs = Math.round(longest * (0.5 + Math.random() / 2));
    onState({ kind: "away", retryInMs });
    again(retryInMs);
  }

  function again(inMs: number): void {
    timer = setTimeout(() => void connect().catch(retry), inMs);
  }

  again(0);
  return {
    lastSequence: () => last,
    stop() {
      stopped = true;
      clearTimeout(timer);
      clearInterval(looking);
      socket?.close(1000);
    },
  };
}

function streamUrl(gateway: string): string {
  const url = new URL("v1/stream", gateway.endsWith("/") ? gateway : `${gateway}/`);
  if (!/^(http|ws)s?:$/.test(url.protocol)) throw new TypeError("the gateway's address must be http, https, ws or wss");
  url.protocol = url.protocol.replace("http", "ws");
  return url.href;
}
