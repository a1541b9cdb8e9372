import { chmod, mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ROOT } from "../../src/app/environment.ts";
import { createLogger } from "../../src/platform/log.ts";
import { findProgram } from "../../src/platform/servers/find-program.ts";
import { docSteps, outputPattern, runStep } from "../support/doc-steps.ts";
import { eventually } from "../support/eventually.ts";
import { type RunningCommand, startCommand } from "../support/ingest-command.ts";

/** The commands of the guides, page after page, in the folder and with the servers of one `plumbline up`. */

const PAGES = ["quickstart", "clients", "database", "troubleshooting", "operations"];
const START = { withinMs: 40_000 };
/** The gateway's address in the pages; here it has a free port. */
const ADDRESS = "http://127.0.0.1:8080";

let folder: string;
let up: RunningCommand | undefined;
let url: string;
let path: string;

beforeAll(async () => {
  path = await programs();
  folder = await mkdtemp(join(tmpdir(), "plumbline-guides-"));
  // PostgreSQL's user has to get through.
  await chmod(folder, 0o755);
  for (const name of ["bin", "client", "examples"]) await symlink(join(ROOT, name), join(folder, name));
  await startUp();
});
afterAll(async () => {
  await stopUp();
  await rm(folder, { recursive: true });
});

/** The PATH of the commands, with everything that they need on it. */
async function programs(): Promise<string> {
  const log = createLogger("warn", "test");
  const needed = await Promise.all((["psql", "curl", "python3"] as const).map((name) => findProgram(name, log)));
  return [process.env.PATH, ...needed.map((program) => dirname(program))].join(":");
}

async function startUp(): Promise<void> {
  const home = { PLUMBLINE_HOME: join(folder, ".plumbline"), PLUMBLINE_PORT: "0" };
  const started = startCommand(["up", "--scorers", "1"], home, folder);
  up = started;
  await Promise.race([
    eventually("up says that all is ready", () => /^stop {8}Ctrl-C/m.test(started.stdout()), START),
    started.ended.then(({ code, stderr }) => Promise.reject(new Error(`up ended (${code}): ${stderr}`))),
  ]);
  url = /^console {5}(\S+)\/#/m.exec(started.stdout())![1]!;
}

async function stopUp(): Promise<void> {
  up?.child.kill("SIGINT");
  expect(await up?.ended).toMatchObject({ code: 0 });
  up = undefined;
}

test.for(PAGES)("what docs/%s.md shows is what comes", { timeout: 120_000 }, async (name) => {
  const page = await readFile(join(ROOT, `docs/${name}.md`), "utf8");
  const steps = docSteps(page);
  expect(steps.length).toBeGreaterThan(1);
  let environment: NodeJS.ProcessEnv = { PATH: path, LANG: "C.UTF-8", PYTHONDONTWRITEBYTECODE: "1" };
  for (const { line, command, output, marks } of steps) {
    const isStopped = marks.includes("stopped");
    if (isStopped && up !== undefined) await stopUp();
    if (!isStopped && up === undefined) await startUp();
    const ran = await runStep(command.replaceAll(ADDRESS, url), folder, environment);
    environment = ran.environment;
    const where = `docs/${name}.md:${line}: ${command}`;
    if (output === "") expect({ where, code: ran.code, output: ran.output }).toMatchObject({ where, code: 0 });
    else expect(ran.output, where).toMatch(outputPattern(output));
  }
});
