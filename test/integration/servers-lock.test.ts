import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { OperatorError } from "../../src/platform/errors.ts";
import { createLogger } from "../../src/platform/log.ts";
import { findProgram } from "../../src/platform/servers/find-program.ts";
import { lockHome } from "../../src/platform/servers/home-lock.ts";

vi.setConfig({ testTimeout: 20_000 });

const source = (name: string) => new URL(`../../src/platform/${name}`, import.meta.url).href;
let home: string;
let children: ChildProcess[];

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "plumbline-lock-"));
  children = [];
});

afterEach(async () => {
  for (const child of children) child.kill("SIGKILL");
  await rm(home, { recursive: true, force: true });
});

/** Another process that takes the lock and keeps it. Resolves to "locked", or the message of the error. */
async function lockInChild(): Promise<{ pid: number; child: ChildProcess; answer: string }> {
  const code = `
    import { lockHome } from ${JSON.stringify(source("servers/home-lock.ts"))};
    console.log(await lockHome(process.argv[1]).then(() => "locked", (error) => error.message));
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", code, home], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  return { pid: child.pid!, child, answer: line.toString().trim() };
}

test("the second is told who has the lock, until it is released", async () => {
  const lock = await lockHome(home);
  const sentence = `another plumbline (pid ${process.pid}) uses ${home}: stop it first, or choose another state folder.`;
  expect((await lockInChild()).answer).toBe(sentence);
  await expect(lockHome(home)).rejects.toThrow(new OperatorError(sentence));
  await lock.release();
  expect((await lockInChild()).answer).toBe("locked");
});

test("a holder that was killed, or whose pid is another process's by now, doesn't count", async () => {
  const holder = await lockInChild();
  expect(holder.answer).toBe("locked");
  await expect(lockHome(home)).rejects.toThrow(`pid ${holder.pid}`);
  holder.child.kill("SIGKILL");
  await once(holder.child, "exit");
  await writeFile(join(home, "run", `lock-${process.ppid}-00000000-1`), "");
  const lock = await lockHome(home);
  expect(await readdir(join(home, "run"))).toHaveLength(1);
  await lock.release();
  expect(await readdir(join(home, "run"))).toEqual([]);
});

test("of several at the same moment one gets it", async () => {
  const answers = await Promise.all(Array.from({ length: 5 }, lockInChild));
  expect(answers.filter(({ answer }) => answer === "locked")).toHaveLength(1);
});

test("a program is found outside an ordinary PATH, or the sentence says what to install", async () => {
  expect(await findProgram("nats-server", createLogger("silent", "test"))).toMatch(/^\/.*\/nats-server$/);

  const packages = {
    promtool: "prometheus",
    alertmanager: "prometheus-alertmanager",
    amtool: "prometheus-alertmanager",
    chromium: "chromium",
  };
  const ordinary = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  const module = source("servers/find-program.ts");
  if (spawnSync("test", ["-r", fileURLToPath(module)], ordinary).status !== 0) return;
  const code = `
    import { findProgram } from ${JSON.stringify(module)};
    for (const name of process.argv.slice(1)) console.log(await findProgram(name).catch((error) => error.message));`;
  const args = ["--input-type=module", "-e", code, ...Object.keys(packages)];
  const { stdout } = spawnSync(process.execPath, args, { ...ordinary, encoding: "utf8", env: { PATH: "/nowhere" } });
  const answers = stdout.trim().split("\n");
  for (const [index, [name, debianPackage]] of Object.entries(packages).entries()) {
    const sentence = `${name} is not installed. On Debian and Ubuntu: sudo apt-get install --no-install-recommends ${debianPackage}. `;
    const path = new RegExp(`^/.*/.*${name}$`);
    expect(answers[index]?.startsWith(sentence) || path.test(answers[index] ?? ""), answers[index]).toBe(true);
  }
});
