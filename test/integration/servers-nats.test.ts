import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { OperatorError } from "../../src/platform/errors.ts";
import { createLogger } from "../../src/platform/log.ts";
import { type EmbeddedNats, startNatsServer } from "../../src/platform/servers/nats-server.ts";
import { identifyProcess } from "../../src/platform/servers/process-identity.ts";

vi.setConfig({ testTimeout: 20_000, hookTimeout: 20_000 });

const log = createLogger("silent", "test");
let home: string;
let undo: (() => unknown)[];

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "plumbline-nats-"));
  undo = [() => rm(home, { recursive: true, force: true })];
});

afterEach(async () => {
  for (const step of undo.reverse()) await step();
});

async function start(options: { port?: number; config?: string } = {}): Promise<EmbeddedNats> {
  const server = await startNatsServer({ home, log, ...options });
  undo.push(() => server.stop());
  return server;
}

/** Starts the server from a process of its own, and kills that with everything in its process group. */
async function startAndCrash(): Promise<{ pid: number; port: number }> {
  const module = new URL("../../src/platform/servers/nats-server.ts", import.meta.url).href;
  const logModule = new URL("../../src/platform/log.ts", import.meta.url).href;
  const code = `
    import { startNatsServer } from ${JSON.stringify(module)};
    import { createLogger } from ${JSON.stringify(logModule)};
    const { pid, port } = await startNatsServer({ home: process.argv[1], log: createLogger("silent", "test") });
    console.log(JSON.stringify({ pid, port }));
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", code, home], {
    detached: true,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  process.kill(-child.pid!, "SIGKILL");
  await once(child, "exit");
  return JSON.parse(line.toString());
}

async function withConnection<T>(
  server: { port: number },
  use: (connection: NatsConnection) => Promise<T>,
): Promise<T> {
  const connection = await connect({ servers: `127.0.0.1:${server.port}`, reconnect: false });
  try {
    return await use(connection);
  } finally {
    await connection.close();
  }
}

/** Listens on a port, as another program would. */
async function occupy(port: number): Promise<number> {
  const other: Server = createServer().listen(port, "127.0.0.1");
  await once(other, "listening");
  undo.push(() => other.close());
  return (other.address() as { port: number }).port;
}

test("a second start has the streams and the port of the first, and stop leaves no process", async () => {
  const first = await start();
  expect(first).toMatchObject({ adopted: false, url: `nats://127.0.0.1:${first.port}` });
  await withConnection(first, async (connection) => {
    // More than a small disk has: limits must not be reservations.
    await (await jetstreamManager(connection)).streams.add({ name: "S", subjects: ["s.>"], max_bytes: 500 * 2 ** 30 });
    await jetstream(connection).publish("s.1", "kept");
  });
  await first.stop();
  expect(identifyProcess(first.pid)).toBe(undefined);
  await first.stop();

  const second = await start();
  expect(second).toMatchObject({ adopted: false, port: first.port });
  await withConnection(second, async (connection) => {
    const stream = await (await jetstreamManager(connection)).streams.info("S");
    expect(stream.state.messages).toBe(1);
  });
});

test("a server whose starter was killed is adopted, and can be stopped", async () => {
  const left = await startAndCrash();
  expect(identifyProcess(left.pid)).toBeDefined();
  const server = await start();
  expect(server).toMatchObject({ ...left, adopted: true });
  await server.stop();
  expect(identifyProcess(left.pid)).toBe(undefined);
});

test("a server left over with another configuration or port is replaced", async () => {
  const left = await startAndCrash();
  const second = await start({ config: "max_payload: 2MB" });
  expect(second).toMatchObject({ adopted: false, port: left.port });
  expect(identifyProcess(left.pid)).toBe(undefined);
  await withConnection(second, async (connection) => expect(connection.info?.max_payload).toBe(2 * 2 ** 20));
});

test("a server left over that is wedged is replaced", async () => {
  const left = await startAndCrash();
  process.kill(left.pid, "SIGSTOP");
  const server = await start();
  expect(server.adopted).toBe(false);
  expect(identifyProcess(left.pid)).toBe(undefined);
});

test("an asked port that is taken is said; a remembered one that is taken is let go", async () => {
  const port = await occupy(0);
  await expect(start({ port })).rejects.toThrow(
    new OperatorError(
      `port ${port} on 127.0.0.1 is in use by another program: stop that program, or choose another port.`,
    ),
  );
  await writeFile(join(home, "run/nats-server.port"), `${port}\n`);
  expect((await start()).port).not.toBe(port);
});

test("a pid file that names no process, or another program, is ignored", async () => {
  const bystander = spawn("sleep", ["60"], { stdio: "ignore" });
  undo.push(() => bystander.kill("SIGKILL"));
  await mkdir(join(home, "run"));
  for (const stale of ["4194399", String(bystander.pid), "not a number"]) {
    await writeFile(join(home, "run/nats-server.pid"), stale);
    const server = await start();
    expect(server.adopted).toBe(false);
    await server.stop();
  }
  expect(bystander.exitCode).toBe(null);
});

test("a server that doesn't start says why, and a state folder that can't be made says so", async () => {
  const refused = start({ config: "no_such_setting: 1" });
  await expect(refused).rejects.toThrow(OperatorError);
  await expect(refused).rejects.toThrow(/nats-server did not start.*no_such_setting/s);
  const file = join(home, "run/nats-server.port");
  expect(await readFile(file, "utf8")).toMatch(/^\d+\n$/);
  const inTheWay = startNatsServer({ home: file, log });
  await expect(inTheWay).rejects.toThrow(OperatorError);
  await expect(inTheWay).rejects.toThrow(/a file is in the way/);
});
