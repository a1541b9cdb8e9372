import { readdir, readFile, rename, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { messageOf } from "../platform/errors.ts";
import type { Logger } from "../platform/log.ts";
import { makeFolder } from "../platform/make-folder.ts";

type Targets = readonly { readonly targets: readonly string[]; readonly labels: Readonly<Record<string, string>> }[];

const PERIOD_MS = 1_000;

/** Writes a list as Prometheus reads it (`file_sd_configs`): beside and renamed, so that it never reads half of one. */
export async function writeTargets(file: string, targets: Targets): Promise<void> {
  await writeFile(`${file}.new`, JSON.stringify(targets));
  await rename(`${file}.new`, file);
}

/** Keeps `folder/plumbline.json` in step with what the processes of a home announce; returns how to stop. */
export async function watchTargets(home: string, folder: string, log: Logger): Promise<() => void> {
  let written = "";
  let asking = false;
  async function look(): Promise<void> {
    const targets = await announced(join(home, "run"));
    const text = JSON.stringify(targets);
    if (text === written) return;
    await writeTargets(join(folder, "plumbline.json"), targets);
    written = text;
  }
  await makeFolder(folder);
  await look();
  const timer = setInterval(() => {
    if (asking) return;
    asking = true;
    look()
      .catch((error: unknown) => log.warn({ error: messageOf(error) }, "could not write what Prometheus is to scrape"))
      .finally(() => {
        asking = false;
      });
  }, PERIOD_MS);
  return () => clearInterval(timer);
}

async function announced(folder: string): Promise<Targets> {
  const names = (await readdir(folder)).filter((name) => /^[a-z]+-\d+\.json$/.test(name)).sort();
  const found = names.map(async (name) => {
    try {
      const { role, url } = JSON.parse(await readFile(join(folder, name), "utf8")) as { role: string; url: string };
      return [{ targets: [new URL(url).host], labels: { role, host: hostname() } }];
    } catch {
      // It ended just now.
      return [];
    }
  });
  return (await Promise.all(found)).flat();
}
