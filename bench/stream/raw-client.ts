import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";

/**
 * A WebSocket client that only counts: sequences, gaps and repetitions, and the age of one score in sixteen. A thousand
 * full ones would take the machine that they measure.
 */
export type RawClient = {
  readonly counts: { received: number; gaps: number; repetitions: number };
  /** The last sequence; 0 before the first. */
  last(): number;
  /** Closes the connection at once and opens another that goes on after the last sequence. */
  reconnect(): void;
  /** Reads nothing any more. */
  stall(): void;
  isConnected(): boolean;
  end(): void;
};

export type RawClientOptions = {
  readonly host: string;
  readonly port: number;
  readonly token: string;
  readonly from: number;
  /** Milliseconds since a score was published. */
  readonly onAge: (ms: number) => void;
};

const SAMPLED = 16;
const PREFIX = '{"type":"score","sequence":';
const AT = '"score":{"at":';

export function openRawClient({ host, port, token, from, onAge }: RawClientOptions): RawClient {
  const counts = { received: 0, gaps: 0, repetitions: 0 };
  let last = from - 1;
  let socket: Socket;
  let isConnected = false;

  function open(): void {
    const own = connect(port, host);
    socket = own;
    let rest: Buffer | undefined;
    let isUpgraded = false;
    own.setNoDelay(true);
    own.on("error", () => {});
    own.on("close", () => {
      if (socket === own) isConnected = false;
    });
    own.write(
      `GET /v1/stream HTTP/1.1\r\nHost: ${host}:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString("base64")}\r\n\r\n`,
    );
    own.on("data", (chunk) => {
      let data = rest === undefined ? chunk : Buffer.concat([rest, chunk]);
      rest = undefined;
      if (!isUpgraded) {
        const end = data.indexOf("\r\n\r\n");
        if (end < 0) {
          rest = data;
          return;
        }
        isUpgraded = true;
        isConnected = true;
        own.write(textFrame(JSON.stringify({ type: "subscribe", token, channels: [], decisions: [], from: last + 1 })));
        data = data.subarray(end + 4);
      }
      const used = readFrames(data, own);
      if (used < data.length) rest = data.subarray(used);
    });
  }

  function readFrames(data: Buffer, own: Socket): number {
    let at = 0;
    while (data.length - at >= 2) {
      const opcode = data[at]! & 0x0f;
      let length = data[at + 1]! & 0x7f;
      let head = 2;
      if (length === 126) {
        if (data.length - at < 4) break;
        length = data.readUInt16BE(at + 2);
        head = 4;
      }
      if (data.length - at < head + length) break;
      if (opcode === 1) note(data, at + head);
      else if (opcode === 9) own.write(maskedFrame(0x8a, data.subarray(at + head, at + head + length)));
      at += head + length;
    }
    return at;
  }

  function note(data: Buffer, from: number): void {
    let sequence = 0;
    let at = from + PREFIX.length;
    for (; data[at]! >= 48 && data[at]! <= 57; at++) sequence = sequence * 10 + data[at]! - 48;
    if (sequence <= last) counts.repetitions++;
    else if (sequence > last + 1) counts.gaps += sequence - last - 1;
    last = Math.max(last, sequence);
    if (counts.received++ % SAMPLED !== 0) return;
    const begin = data.indexOf(AT, at) + AT.length;
    onAge(Date.now() - Number(data.subarray(begin, data.indexOf(44, begin)).toString("latin1")));
  }

  open();
  return {
    counts,
    last: () => last,
    reconnect() {
      socket.destroy();
      open();
    },
    stall: () => void socket.pause(),
    isConnected: () => isConnected,
    end: () => socket.destroy(),
  };
}

function textFrame(text: string): Buffer {
  return maskedFrame(0x81, Buffer.from(text));
}

/** A client's frames are masked; with a mask of zeros the payload stays as it is. */
function maskedFrame(first: number, payload: Buffer): Buffer {
  const { length } = payload;
  const head =
    length < 126 ? Buffer.from([first, 0x80 | length]) : Buffer.from([first, 0xfe, length >> 8, length & 0xff]);
  return Buffer.concat([head, Buffer.alloc(4), payload]);
}
