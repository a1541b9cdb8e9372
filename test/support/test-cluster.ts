import { join } from "node:path";
import { createLogger } from "../../src/platform/log.ts";
import { type EmbeddedNats, startNatsServer } from "../../src/platform/servers/nats-server.ts";
import { choosePort } from "../../src/platform/servers/ports.ts";
import type { TestBroker } from "./test-broker.ts";

const NODES = 3;

const log = createLogger("silent", "test");

/** Starts three nats-servers on loopback that form a cluster; `kill` and `restart` are of one of them at a time. */
export async function startTestCluster(home: string): Promise<TestBroker> {
  const routes: number[] = [];
  while (routes.length < NODES) {
    const port = await choosePort(undefined, undefined);
    if (!routes.includes(port)) routes.push(port);
  }
  const start = (node: number, port?: number) =>
    startNatsServer({
      home: join(home, `node-${node}`),
      log,
      config: `cluster {
        name: "test"
        listen: "127.0.0.1:${routes[node]}"
        routes: [${routes.map((route) => `"nats://127.0.0.1:${route}"`).join(", ")}]
      }`,
      ...(port !== undefined && { port }),
    });
  // None is ready before two of them have elected a leader.
  const nodes: EmbeddedNats[] = await Promise.all(routes.map((_, node) => start(node)));
  let victim = 0;
  return {
    url: nodes.map(({ url }) => url).join(","),
    port: nodes[0]!.port,
    stop: async () => {
      await Promise.all(nodes.map((node) => node.stop()));
    },
    kill() {
      victim = (victim + 1) % NODES;
      process.kill(nodes[victim]!.pid, "SIGKILL");
    },
    async restart() {
      nodes[victim] = await start(victim, nodes[victim]!.port);
    },
  };
}
