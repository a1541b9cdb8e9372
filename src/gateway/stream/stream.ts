import type { IncomingMessage, Server } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { JetStreamManager } from "@nats-io/jetstream";
import { WebSocketServer } from "ws";
import type { Logger } from "../../platform/log.ts";
import type { Authenticate } from "../access/authenticate.ts";
import { type Connection, openConnection } from "./connection.ts";
import { createFanOut } from "./fan-out.ts";
import { readHistory } from "./history.ts";
import { keptRange } from "./kept-scores.ts";
import type { StreamMetrics } from "./metrics.ts";
import type { ScoreTail } from "./score-tail.ts";

export type StreamOptions = {
  readonly server: Server;
  readonly jsm: JetStreamManager;
  readonly tail: ScoreTail;
  readonly authenticate: Authenticate;
  /** Of other pages that may connect; those of the gateway's own host always may. */
  readonly origins: readonly string[];
  readonly metrics: StreamMetrics;
  readonly log: Logger;
};

export type Stream = { stop(): Promise<void> };

const PATH = "/v1/stream";
const MOST_CLIENTS = 5_000;
/** A subscribe frame with the longest token and the most channels fits. */
const MOST_FRAME_BYTES = 16 * 1024;
const CHECK_EVERY_MS = 15_000;
const LOOK_FOR_CHECKS_MS = 1_000;
const MOST_READING = 16;
const STOP_WITHIN_MS = 2_000;

/** Serves the scores as they are made, and from any that is kept, to WebSocket clients on the HTTP server. */
export function attachStream(options: StreamOptions): Stream {
  const { server, jsm, tail, metrics, log } = options;
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: MOST_FRAME_BYTES });
  const connections = new Set<Connection>();
  const inTurn = limited(MOST_READING);
  const fanOut = createFanOut({
    tail,
    onSent: metrics.sent,
    onTooSlow(recipient) {
      for (const connection of connections) if (connection.recipient === recipient) connection.close("too_slow");
    },
    onRestart(first) {
      for (const connection of connections) connection.sayGone(first);
    },
  });
  const parts = {
    authenticate: options.authenticate,
    fanOut,
    newest: tail.lastSequence,
    keptRange: () => keptRange(jsm),
    readHistory: (from: number, signal: AbortSignal) => readHistory(jsm, from, signal),
    inTurn,
    metrics,
    log,
  };

  function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const refusal = refusalOf(request);
    if (refusal !== undefined) {
      refuse(socket, refusal);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (ws) => {
      const connection = openConnection(ws, socket as Socket, parts);
      connections.add(connection);
      metrics.setClients(connections.size);
      ws.once("close", () => {
        connections.delete(connection);
        metrics.setClients(connections.size);
      });
    });
  }

  function refusalOf({ url, headers }: IncomingMessage): string | undefined {
    if (url?.split("?")[0] !== PATH) return "404 Not Found";
    if (!isAllowed(headers.origin, headers.host)) return "403 Forbidden";
    return connections.size < MOST_CLIENTS || giveWay() ? undefined : "503 Service Unavailable";
  }

  /** Ends the oldest connection that hasn't said who it is: whoever has no token must not keep out those who have one. */
  function giveWay(): boolean {
    const oldest = connections.values().find(({ recipient }) => recipient === undefined);
    oldest?.close("crowded_out");
    return oldest !== undefined && connections.delete(oldest);
  }

  /** A page of another origin could connect with what its visitor's browser can reach. Programs send no origin. */
  function isAllowed(origin: string | undefined, host: string | undefined): boolean {
    if (origin === undefined || options.origins.includes(origin)) return true;
    return URL.canParse(origin) && new URL(origin).host === host;
  }

  const checks = setInterval(() => {
    const due = performance.now() - CHECK_EVERY_MS;
    for (const connection of connections) {
      if (connection.checkedAt() <= due) void connection.check();
    }
  }, LOOK_FOR_CHECKS_MS);
  server.on("upgrade", upgrade);

  return {
    async stop() {
      server.off("upgrade", upgrade);
      clearInterval(checks);
      fanOut.stop();
      for (const connection of connections) connection.close("going_away");
      const until = Date.now() + STOP_WITHIN_MS;
      while (connections.size > 0 && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 20));
      for (const ws of sockets.clients) ws.terminate();
      sockets.close();
    },
  };
}

function refuse(socket: Duplex, status: string): void {
  socket.on("error", () => {});
  // Nobody else knows of the connection any more, and the other side may never end its half.
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy());
}

/** Lets so many run at a time; the others wait in the order they came. */
function limited(most: number) {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    running++;
    try {
      return await work();
    } finally {
      running--;
      waiting.shift()?.();
    }
  };
}
