import { constants } from "node:fs";
import { access, readdir, readFile, statfs } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { readBundle } from "../../models/bundle.ts";
import { openSession } from "../../models/session.ts";
import { createLogger } from "../../platform/log.ts";
import { type Environment, ROOT } from "../environment.ts";
import { type Finding, failure, finding, ok, warning } from "./check.ts";
import { checkBroker } from "./check-broker.ts";
import { checkDatabase } from "./check-database.ts";
import { checkRecord } from "./check-record.ts";

const LITTLE_SPACE_BYTES = 2 * 2 ** 30;

/** Looks at everything that Plumbline needs, and says what is wrong and what to do. Changes nothing. */
export async function examine(environment: Environment): Promise<Finding[]> {
  const log = createLogger("silent", "doctor");
  const areas = await Promise.all([
    finding("node", "install Node.js 24", async () => [ok("node", `Node.js ${process.version}`)]),
    finding("home", "choose another PLUMBLINE_HOME", () => checkHome(environment.PLUMBLINE_HOME)),
    finding("model", "restore the bundle, or set SCORER_BUNDLE", () => checkBundle(environment)),
    finding("nats", "start the server, or mend NATS_URL", () => checkBroker(environment, log)),
    finding("postgresql", "start the server, or mend DATABASE_URL", () => checkDatabase(environment, log)),
    finding("record", "look at the database and at SCORES", () => checkRecord(environment, log)),
    finding("roles", "look into PLUMBLINE_HOME/run", () => checkRoles(environment.PLUMBLINE_HOME)),
  ]);
  return areas.flat();
}

async function checkHome(home: string): Promise<Finding[]> {
  const folder = await firstExisting(resolve(home));
  await access(folder, constants.W_OK);
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const text = `${(free / 2 ** 30).toFixed(1)} GiB free under ${folder}`;
  return free < LITTLE_SPACE_BYTES
    ? [warning("home", text, "make room: a full disk stops everything")]
    : [ok("home", text)];
}

async function firstExisting(folder: string): Promise<string> {
  const exists = await access(folder).then(
    () => true,
    () => false,
  );
  return exists ? folder : firstExisting(dirname(folder));
}

async function checkBundle(environment: Environment): Promise<Finding[]> {
  const bundle = await readBundle(resolve(ROOT, environment.SCORER_BUNDLE));
  const session = await openSession(bundle.modelFile, bundle.manifest);
  await session.release();
  const { name, version, features } = bundle.manifest;
  return [ok("model", `${name} ${version}, ${features.length} features, loads and answers`)];
}

async function checkRoles(home: string): Promise<Finding[]> {
  const folder = join(home, "run");
  const names = (await readdir(folder).catch(() => [])).filter((name) => /^[a-z]+-\d+\.json$/.test(name));
  const findings = await Promise.all(names.map((name) => checkRole(join(folder, name))));
  return findings.length > 0
    ? findings
    : [warning("roles", "none runs from this home", "start `plumbline up` or the roles")];
}

async function checkRole(file: string): Promise<Finding> {
  const { role, pid, url } = JSON.parse(await readFile(file, "utf8")) as { role: string; pid: number; url: string };
  const area = `${role} ${pid}`;
  try {
    const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) });
    if (response.ok) return ok(area, `ready at ${url}`);
    const { checks } = (await response.json()) as { checks: Record<string, boolean> };
    const missing = Object.keys(checks).filter((check) => !checks[check]);
    return failure(area, `not ready at ${url}: waits for ${missing.join(", ")}`, "look into its log");
  } catch {
    return warning(
      area,
      `does not answer at ${url}`,
      `it was killed, or hangs; if no process ${pid} runs, remove ${file}`,
    );
  }
}
