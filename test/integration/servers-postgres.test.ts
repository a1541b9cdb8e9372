import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readlinkSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, readFile, realpath, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { OperatorError } from "../../src/platform/errors.ts";
import { createLogger } from "../../src/platform/log.ts";
import { type EmbeddedPostgres, startPostgresServer } from "../../src/platform/servers/postgres-server.ts";
import { identifyProcess } from "../../src/platform/servers/process-identity.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const log = createLogger("silent", "test");
let home: string;
let undo: (() => unknown)[];

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "plumbline-postgres-"));
  undo = [() => rm(home, { recursive: true, force: true })];
});

afterEach(async () => {
  for (const step of undo.reverse()) await step();
});

async function start(options: { port?: number; settings?: Record<string, string> } = {}): Promise<EmbeddedPostgres> {
  const server = await startPostgresServer({ home, log, ...options });
  undo.push(() => server.stop("immediate"));
  return server;
}

/** Starts the server from a process of its own, and kills that with everything in its process group. */
async function startAndCrash(): Promise<{ pid: number; port: number; url: string }> {
  const module = new URL("../../src/platform/servers/postgres-server.ts", import.meta.url).href;
  const logModule = new URL("../../src/platform/log.ts", import.meta.url).href;
  const code = `
    import { startPostgresServer } from ${JSON.stringify(module)};
    import { createLogger } from ${JSON.stringify(logModule)};
    const { pid, port, url } = await startPostgresServer({ home: process.argv[1], log: createLogger("silent", "test") });
    console.log(JSON.stringify({ pid, port, url }));
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

async function ask(server: { url: string }, statement: string): Promise<unknown[]> {
  const client = new Client({ connectionString: server.url });
  await client.connect();
  try {
    return (await client.query({ text: statement, rowMode: "array" })).rows.map((row: unknown[]) => row[0]);
  } finally {
    await client.end();
  }
}

/** The processes that have a folder as their own: a server, its workers. */
async function processesIn(folder: string): Promise<string[]> {
  const path = await realpath(folder);
  return (await readdir("/proc")).filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readlinkSync(`/proc/${pid}/cwd`) === path;
    } catch {
      return false;
    }
  });
}

test("a second start has the data and the port of the first, and stop leaves no process", async () => {
  // What an initdb left that was killed. No process has this pid.
  const partial = join(home, "postgres.new-0-4194399-00000000-1");
  await mkdir(join(partial, "data"), { recursive: true });
  const first = await start();
  expect(first).toMatchObject({ adopted: false });
  expect(existsSync(partial)).toBe(false);
  expect((await stat(join(home, "postgres/password"))).mode & 0o777).toBe(0o600);
  const settings = ["synchronous_commit", "fsync", "server_encoding", "listen_addresses", "unix_socket_directories"];
  const values = await Promise.all(settings.map((name) => ask(first, `show ${name}`)));
  expect(values.flat()).toEqual(["on", "on", "UTF8", "127.0.0.1", ""]);
  await ask(first, "create table kept as select 42 as answer");
  await first.stop();
  expect(await processesIn(join(home, "postgres/data"))).toEqual([]);
  await first.stop();

  const second = await start({ settings: { max_connections: "50" } });
  expect(second).toMatchObject({ adopted: false, port: first.port, url: first.url });
  expect(await ask(second, "select answer from kept")).toEqual([42]);
  expect(await ask(second, "show max_connections")).toEqual(["50"]);
});

test("a server whose starter was killed is adopted, and keeps what was committed through an immediate stop", async () => {
  const left = await startAndCrash();
  const server = await start();
  expect(server).toMatchObject({ ...left, adopted: true });
  await ask(server, "create table kept as select 42 as answer");
  await server.stop("immediate");
  expect(identifyProcess(left.pid)).toBe(undefined);

  const next = await start();
  expect(next.adopted).toBe(false);
  expect(await ask(next, "select answer from kept")).toEqual([42]);
  // Killed outright, its workers still hold the shared memory for a moment, and its pid file stays.
  process.kill(next.pid, "SIGKILL");
  expect(await ask(await start(), "select answer from kept")).toEqual([42]);
});

test("a server left over that is wedged or set up otherwise is replaced", async () => {
  const left = await startAndCrash();
  await (await start({ settings: { max_connections: "50" } })).stop();
  expect(identifyProcess(left.pid)).toBe(undefined);

  const wedged = await startAndCrash();
  process.kill(wedged.pid, "SIGSTOP");
  const server = await start();
  expect(server.adopted).toBe(false);
  expect(identifyProcess(wedged.pid)).toBe(undefined);
  expect(await ask(server, "select 1")).toEqual([1]);
});

test("a pid file that names another program's process is ignored", async () => {
  const first = await start();
  await first.stop();
  const data = await stat(join(home, "postgres/data"));
  // PostgreSQL takes a process for a server of its own if it may signal it, so the bystander is its own user's.
  const bystander = spawn("sleep", ["60"], {
    stdio: "ignore",
    ...(data.uid !== 0 && { uid: data.uid, gid: data.gid }),
  });
  undo.push(() => bystander.kill("SIGKILL"));
  await writeFile(join(home, "postgres/data/postmaster.pid"), `${bystander.pid}\n${join(home, "postgres/data")}\n`);
  expect((await start()).adopted).toBe(false);
  expect(bystander.exitCode).toBe(null);
});

test("an asked port that is taken is said, and so is the reason when it doesn't start", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  undo.push(() => other.close());
  const { port } = other.address() as { port: number };
  await expect(start({ port })).rejects.toThrow(
    new OperatorError(
      `port ${port} on 127.0.0.1 is in use by another program: stop that program, or choose another port.`,
    ),
  );
  const refused = start({ settings: { shared_buffers: "plenty" } });
  await expect(refused).rejects.toThrow(OperatorError);
  await expect(refused).rejects.toThrow(/postgres did not start.*shared_buffers.*plenty/s);
});

test.skipIf(process.getuid?.() !== 0)(
  "below a folder that user postgres can't enter, the data are elsewhere",
  async () => {
    await chmod(home, 0o700);
    const inside = join(home, "state");
    const open = () => startPostgresServer({ home: inside, log });
    const first = await open();
    undo.push(() => first.stop("immediate"));
    const folder = await realpath(join(inside, "postgres"));
    undo.push(() => rm(folder, { recursive: true, force: true }));
    expect(folder).toMatch(/^\/var\/lib\/plumbline\/[0-9a-f]{16}$/);
    await ask(first, "create table kept as select 42 as answer");
    await first.stop();
    const second = await open();
    undo.push(() => second.stop("immediate"));
    expect(await ask(second, "select answer from kept")).toEqual([42]);
    await second.stop("immediate");

    // A state folder that was deleted doesn't come back with its old data.
    await rm(inside, { recursive: true });
    const third = await open();
    undo.push(() => third.stop("immediate"));
    expect(await ask(third, "select to_regclass('kept')::text")).toEqual([null]);
    const aside = (await readdir("/var/lib/plumbline")).filter((name) =>
      join("/var/lib/plumbline", name).startsWith(`${folder}.old-`),
    );
    expect(aside).toHaveLength(1);
    await rm(join("/var/lib/plumbline", aside[0]!), { recursive: true });
    expect(await readFile(join(inside, "log/postgres.log"), "utf8")).toContain("ready to accept connections");
  },
);
