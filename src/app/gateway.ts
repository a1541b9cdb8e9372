import { readFile } from "node:fs/promises";
import { countUsage } from "../gateway/access/api-usage.ts";
import { createAuthenticate } from "../gateway/access/authenticate.ts";
import { watchRevocations } from "../gateway/access/revocations.ts";
import { revokedTokens } from "../gateway/access/tokens.ts";
import { createGateway, type Gateway } from "../gateway/server.ts";
import { messageOf, OperatorError } from "../platform/errors.ts";
import { type Environment, ROOT } from "./environment.ts";
import { addFeatures } from "./gateway-features.ts";
import { reachableHost } from "./reachable-host.ts";
import { type RoleContext, runRole } from "./role.ts";
import { tokenTrust } from "./token-trust.ts";

/** A client that is still being answered after this long is cut off when the gateway stops. */
const DRAIN_MS = 3_000;

/** Runs a gateway until the signal. */
export async function runGateway(environment: Environment, signal: AbortSignal): Promise<void> {
  // A fault of the environment is told at once, not after the servers are there.
  const trust = await tokenTrust(environment);
  await runRole({
    role: "gateway",
    port: environment.GATEWAY_PORT,
    environment,
    signal,
    databaseConnections: 6,
    awaits: ["listening"],
    async start(context) {
      const { database, registry, lifecycle, readiness, untilServed, log } = context;
      const revocations = watchRevocations(database, await untilServed(() => revokedTokens(database)), log);
      lifecycle.onStop("revocation watch", revocations.stop);
      const usage = countUsage(database, log);
      lifecycle.onStop("usage counts", usage.stop);
      const authenticate = createAuthenticate({ trust, isRevoked: revocations.isRevoked });
      const gateway = await createGateway({
        authenticate,
        origins: environment.GATEWAY_ORIGINS,
        trustedProxies: environment.GATEWAY_TRUST_PROXY,
        rateLimit: environment.GATEWAY_RATE_LIMIT,
        registry,
        readiness: () => readiness,
        onUse: usage.note,
        version: JSON.parse(await readFile(`${ROOT}package.json`, "utf8")).version,
        log,
      });
      await addFeatures(gateway, context, authenticate);
      // Stopped before all that its requests need: what is being answered is answered with it.
      lifecycle.onStop("HTTP server", () => close(gateway));
      await listen(gateway, context);
      readiness.listening = true;
    },
  });
}

async function listen(gateway: Gateway, { environment, announceMore, log }: RoleContext): Promise<void> {
  const { GATEWAY_HOST: host, PLUMBLINE_PORT: port } = environment;
  try {
    await gateway.listen({ host, port });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const fault = code === "EADDRINUSE" ? "it is in use by another program" : messageOf(error);
    throw new OperatorError(
      `cannot listen on port ${port} of ${host}: ${fault}. Stop that program, or choose another port (PLUMBLINE_PORT, \`up --port\`).`,
      { cause: error },
    );
  }
  const address = gateway.server.address();
  const bound = typeof address === "object" && address !== null ? address.port : port;
  const serves = `http://${reachableHost(host)}:${bound}`;
  await announceMore({ serves });
  log.info({ serves }, "listening");
}

async function close(gateway: Gateway): Promise<void> {
  const timer = setTimeout(() => gateway.server.closeAllConnections(), DRAIN_MS);
  await gateway.close();
  clearTimeout(timer);
}
