import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A way to a server on loopback that can be disturbed. Everything passes until told otherwise. */
export type TcpProxy = {
  readonly port: number;
  /** The address with this proxy's port in place of the server's. */
  through(url: string): string;
  /** Ends every disturbance of new connections; old ones that were paused go on, half-open ones stay dead. */
  heal(): void;
  /** Nothing gets through and nobody is told, as when a cable is pulled; what was sent waits. */
  blackHole(): void;
  /** Resets every connection, and new ones at once. */
  reset(): void;
  /** The connections of now are dead and nobody is told, as when a firewall forgets them; new ones work. */
  halfOpen(): void;
  /** Everything takes this much longer, either way. */
  delay(ms: number): void;
  /** The next times that a client sends this text, the server gets it and the connection breaks before the answer. */
  loseAnswersTo(text: string, times: number): void;
  /** How many answers are still to be lost. */
  answersToLose(): number;
  stop(): Promise<void>;
};

type Pair = { readonly client: Socket; readonly server: Socket; isDead: boolean; isMute: boolean };

const TIME_TO_EXECUTE_MS = 100;

export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  const pairs = new Set<Pair>();
  let mode: "pass" | "black hole" | "reset" = "pass";
  let delayMs = 0;
  let losing = { text: "", times: 0 };

  const listener = createServer((client) => {
    if (mode === "reset") {
      client.resetAndDestroy();
      return;
    }
    const pair: Pair = { client, server: connect(targetPort, "127.0.0.1"), isDead: false, isMute: false };
    pairs.add(pair);
    forward(pair, client, pair.server);
    forward(pair, pair.server, client);
    if (mode === "black hole") for (const end of [client, pair.server]) end.pause();
  });

  function forward(pair: Pair, from: Socket, to: Socket): void {
    const late: { readonly chunk: Buffer; readonly at: number }[] = [];
    from.on("data", (chunk) => {
      if (pair.isDead || (pair.isMute && from === pair.server)) return;
      if (from === pair.client) loseAnswer(pair, chunk);
      // Whatever the delay is by now: bytes never overtake bytes.
      if (delayMs === 0 && late.length === 0) to.write(chunk);
      else if (late.push({ chunk, at: Date.now() + delayMs }) === 1) deliverLate();
    });
    function deliverLate(): void {
      const next = late[0];
      if (next === undefined) return;
      setTimeout(
        () => {
          if (to.writable) to.write(next.chunk);
          late.shift();
          deliverLate();
        },
        Math.max(0, next.at - Date.now()),
      );
    }
    from.on("error", () => {});
    from.on("close", () => {
      if (pair.isDead && from === pair.server) return;
      pairs.delete(pair);
      to.destroy();
    });
  }

  function loseAnswer(pair: Pair, request: Buffer): void {
    if (losing.times === 0 || !request.includes(losing.text)) return;
    losing.times--;
    pair.isMute = true;
    setTimeout(() => pair.client.resetAndDestroy(), TIME_TO_EXECUTE_MS);
  }

  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const { port } = listener.address() as AddressInfo;
  const ends = () => [...pairs].flatMap(({ client, server }) => [client, server]);
  return {
    port,
    through: (url) => url.replace(`:${targetPort}`, `:${port}`),
    heal() {
      mode = "pass";
      delayMs = 0;
      for (const end of ends()) end.resume();
    },
    blackHole() {
      mode = "black hole";
      for (const end of ends()) end.pause();
    },
    reset() {
      mode = "reset";
      for (const { client } of pairs) client.resetAndDestroy();
    },
    halfOpen() {
      for (const pair of pairs) pair.isDead = true;
    },
    delay(ms) {
      delayMs = ms;
    },
    loseAnswersTo(text, times) {
      losing = { text, times };
    },
    answersToLose: () => losing.times,
    async stop() {
      for (const end of ends()) end.destroy();
      await new Promise((resolve) => listener.close(resolve));
    },
  };
}
