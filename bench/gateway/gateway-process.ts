import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ROOT } from "../../src/app/environment.ts";
import { createToken } from "../../src/gateway/access/tokens.ts";
import type { Slate } from "../blank-slate.ts";
import { stopProcess, untilReady } from "../scorers.ts";

/** A gateway that is ready, and a token for everything. */
export type GatewayProcess = { readonly pid: number; readonly url: string; readonly token: string };

const SECRET = "a secret for benchmarks alone, long enough";
const HOUR_MS = 3_600_000;

/** Runs a measurement beside a process of `bin/plumbline gateway`, which doesn't limit rates. */
export async function withGateway<T>(
  { servers, database, databaseUrl }: Slate,
  bundle: string,
  signal: AbortSignal,
  measure: (gateway: GatewayProcess) => Promise<T>,
): Promise<T> {
  const env = {
    ...process.env,
    LOG_LEVEL: "warn",
    NATS_URL: servers.natsUrl,
    DATABASE_URL: databaseUrl,
    PLUMBLINE_HOME: servers.home,
    PLUMBLINE_PORT: "0",
    SCORER_BUNDLE: bundle,
    GATEWAY_JWT_SECRET: SECRET,
    GATEWAY_RATE_LIMIT: "1000000",
  };
  const child = spawn(join(ROOT, "bin/plumbline"), ["gateway"], { env, stdio: ["ignore", "ignore", "inherit"] });
  try {
    await untilReady(child, "gateway", servers.home, signal);
    const announcement = join(servers.home, "run", `gateway-${child.pid}.json`);
    const { serves } = JSON.parse(await readFile(announcement, "utf8")) as { serves: string };
    const { token } = await createToken(database, Buffer.from(SECRET), {
      name: "bench",
      role: "admin",
      lifetimeMs: HOUR_MS,
    });
    return await measure({ pid: child.pid!, url: serves, token });
  } finally {
    await stopProcess(child);
  }
}
