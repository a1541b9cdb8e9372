import { once } from "node:events";
import WebSocket from "ws";

export type Frame = {
  readonly type: "score" | "progress" | "error";
  readonly sequence: number;
  readonly score: { readonly application_id: string; readonly channel: string; readonly decision: string };
  readonly first_sequence?: number;
};

export type StreamClient = {
  readonly ws: WebSocket;
  readonly frames: Frame[];
  readonly sequences: () => number[];
  /** The code and reason that the connection was closed with. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
};

/** Opens a connection to /v1/stream; nothing is sent yet. */
export async function openStream(gatewayUrl: string, options: WebSocket.ClientOptions = {}): Promise<StreamClient> {
  const ws = new WebSocket(`${gatewayUrl.replace("http", "ws")}/v1/stream`, options);
  const frames: Frame[] = [];
  ws.on("message", (data) => frames.push(JSON.parse(data.toString()) as Frame));
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    ws.once("close", (code, reason) => resolve({ code, reason: reason.toString() }));
  });
  await once(ws, "open");
  return {
    ws,
    frames,
    sequences: () => frames.filter(({ type }) => type === "score").map(({ sequence }) => sequence),
    closed,
  };
}

/** Opens a connection and subscribes. */
export async function subscribe(gatewayUrl: string, token: string, frame: object = {}): Promise<StreamClient> {
  const client = await openStream(gatewayUrl);
  client.ws.send(JSON.stringify({ type: "subscribe", token, channels: [], decisions: [], from: 1, ...frame }));
  return client;
}
