import { existsSync } from "node:fs";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import { notFound } from "./problem.ts";
import type { Gateway } from "./server.ts";

const NOT_BUILT =
  "The console isn't built. Build it with: npm run build:console. The API is here all the same; /docs describes it.";

const OPEN = { config: { role: "anyone" }, schema: { hide: true } } as const;

/**
 * Serves the console's built files at /. Its views live behind the #, so there are no other paths to answer. What has a hash
 * of its content in its name is kept by browsers for good; the page itself is asked for each time.
 */
export async function addConsoleFiles(gateway: Gateway, folder: string): Promise<void> {
  await gateway.register(fastifyStatic, {
    root: folder,
    serve: false,
    preCompressed: true,
    cacheControl: false,
    setHeaders(reply, path) {
      const isHashed = path.startsWith(join(folder, "assets"));
      reply.header("cache-control", isHashed ? "public, max-age=31536000, immutable" : "no-cache");
    },
  });

  gateway.get("/", OPEN, async (_, reply) => {
    if (existsSync(join(folder, "index.html"))) return reply.sendFile("index.html");
    throw notFound(NOT_BUILT);
  });

  gateway.get<{ Params: { file: string } }>("/assets/:file", OPEN, async ({ params: { file } }, reply) =>
    reply.sendFile(`assets/${file}`),
  );
}
