import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { notFound } from "./problem.ts";
import { RUNBOOK_STYLE, runbookPage } from "./runbook-page.ts";
import type { Gateway } from "./server.ts";

const OPEN = { config: { role: "anyone" }, schema: { hide: true } } as const;

/** Serves the runbooks of `folder` where the annotations of alerts say they are: /runbooks/<alert>.md, as pages. */
export function addRunbooks(gateway: Gateway, folder: string): void {
  gateway.get("/runbooks/runbook.css", OPEN, async (_, reply) => reply.type("text/css").send(RUNBOOK_STYLE));

  gateway.get<{ Params: { file: string } }>("/runbooks/:file", OPEN, async ({ params: { file } }, reply) => {
    // Of no file but a runbook's is it even asked whether it exists.
    const text = /^[A-Za-z]+\.md$/.test(file) ? await contentOf(join(folder, file)) : undefined;
    if (text === undefined)
      throw notFound("There is no such runbook. Runbooks are at /runbooks/<name of the alert>.md.");
    return reply.type("text/html; charset=utf-8").send(runbookPage(text));
  });
}

async function contentOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
