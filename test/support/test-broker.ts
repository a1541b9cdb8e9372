import { createLogger } from "../../src/platform/log.ts";
import { startNatsServer } from "../../src/platform/servers/nats-server.ts";

export type TestBroker = {
  readonly url: string;
  readonly port: number;
  stop(): Promise<void>;
  /** kill -9. */
  kill(): void;
  /** Starts it again on the same data and port. */
  restart(): Promise<void>;
};

const log = createLogger("silent", "test");

/** Starts a nats-server with JetStream in the folder. Throws what to install when the machine has none. */
export async function startTestBroker(home: string): Promise<TestBroker> {
  let server = await startNatsServer({ home, log });
  const { url, port } = server;
  return {
    url,
    port,
    stop: () => server.stop(),
    kill() {
      process.kill(server.pid, "SIGKILL");
    },
    async restart() {
      server = await startNatsServer({ home, port, log });
    },
  };
}
