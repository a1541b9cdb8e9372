import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { notFound } from "../problem.ts";
import type { Gateway } from "../server.ts";

const FILE = /^[A-Za-z0-9]{1,64}\.md$/;

/**
 * What to do about an alert, where the alerts' `runbook_url` says it is. For anyone: a link that is opened from a mail or a
 * chat brings no token, and there are no secrets in it.
 *
 * @param folder with a file for each alert's name
 */
export function addRunbookRoute(gateway: Gateway, folder: string): void {
  gateway.get<{ Params: { file: string } }>(
    "/runbooks/:file",
    {
      config: { role: "anyone" },
      schema: {
        summary: "The runbook of an alert",
        tags: ["alerts"],
        params: { type: "object", required: ["file"], properties: { file: { type: "string", maxLength: 80 } } },
        response: { 200: { type: "string", description: "Markdown." } },
      },
    },
    async ({ params: { file } }, reply) => {
      // As plain text: browsers show that, and save what they don't know.
      reply.type("text/plain; charset=utf-8");
      return textOf(folder, file);
    },
  );
}

async function textOf(folder: string, file: string): Promise<string> {
  const absent = "There is no runbook of this name. Its name is that of the alert, and .md.";
  if (!FILE.test(file)) throw notFound(absent);
  try {
    return await readFile(join(folder, file), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw notFound(absent);
  }
}
