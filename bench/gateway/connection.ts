import { connect, type Socket } from "node:net";

/** A kept-alive HTTP/1.1 connection with one request at a time, on a bare socket: it must cost less than what it measures. */
export type Connection = {
  /** Sends a whole request; resolves with the status when the whole answer is there. */
  request(text: string): Promise<number>;
  close(): void;
};

const HEAD_END = "\r\n\r\n";

export async function openConnection(hostname: string, port: number): Promise<Connection> {
  const socket = connect({ host: hostname, port, noDelay: true });
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });
  return onSocket(socket);
}

function onSocket(socket: Socket): Connection {
  let received = "";
  let waiting: PromiseWithResolvers<number> | undefined;
  const fail = (error?: Error) => {
    waiting?.reject(error ?? new Error("the connection was closed"));
    waiting = undefined;
  };
  // One character per byte, so that lengths are what Content-Length says.
  socket.setEncoding("latin1");
  socket.on("error", fail);
  socket.on("close", () => fail());
  socket.on("data", (chunk: string) => {
    received += chunk;
    const headEnd = received.indexOf(HEAD_END);
    if (headEnd === -1) return;
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(received.slice(0, headEnd))?.[1] ?? 0);
    const end = headEnd + HEAD_END.length + length;
    if (received.length < end) return;
    const status = Number(received.slice(9, 12));
    received = received.slice(end);
    waiting?.resolve(status);
    waiting = undefined;
  });
  return {
    request(text) {
      waiting = Promise.withResolvers();
      socket.write(text);
      return waiting.promise;
    },
    close: () => socket.destroy(),
  };
}
