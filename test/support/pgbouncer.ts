import { spawn } from "node:child_process";
import { chown, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger } from "../../src/platform/log.ts";
import { findProgram } from "../../src/platform/servers/find-program.ts";
import { choosePort } from "../../src/platform/servers/ports.ts";
import { postgresAccount } from "../../src/platform/servers/postgres-account.ts";
import { runProgram } from "../../src/platform/servers/run-program.ts";
import { eventually } from "./eventually.ts";

export type Pooler = { readonly url: string; stop(): Promise<void> };

const log = createLogger("silent", "test");

/** A transaction pooler in front of a database, which takes TLS connections only, with a certificate that nobody signed. */
export async function startPgbouncer(databaseUrl: string): Promise<Pooler> {
  const program = await findProgram("pgbouncer", log);
  const openssl = await findProgram("openssl", log);
  const { hostname, port: databasePort, username, password, pathname } = new URL(databaseUrl);
  const folder = await mkdtemp(join(tmpdir(), "plumbline-pgbouncer-"));
  const [key, certificate, users] = ["key.pem", "certificate.pem", "users.txt"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=pooler", "-days", "2"];
  await runProgram(openssl, [...request, "-keyout", key, "-out", certificate], { withinMs: 20_000 });
  const port = await choosePort(undefined, undefined);
  await writeFile(users, `"${username}" "${password}"\n`);
  const configuration = join(folder, "pgbouncer.ini");
  await writeFile(
    configuration,
    `[databases]
* = host=${hostname} port=${databasePort}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${users}
pool_mode = transaction
default_pool_size = 4
client_tls_sslmode = require
client_tls_key_file = ${key}
client_tls_cert_file = ${certificate}
`,
  );
  // It refuses to run as root.
  const account = await postgresAccount(folder, log);
  if (account) {
    for (const name of ["", ...(await readdir(folder))]) await chown(join(folder, name), account.uid, account.gid);
  }
  const child = spawn(program, [configuration], {
    stdio: "ignore",
    ...(account && { uid: account.uid, gid: account.gid }),
  });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  await eventually("pgbouncer listens", () => listens(port), { withinMs: 10_000 });
  return {
    url: `postgres://${username}:${password}@127.0.0.1:${port}${pathname}?sslmode=require`,
    async stop() {
      child.kill("SIGINT");
      setTimeout(() => child.kill("SIGKILL"), 5_000).unref();
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
