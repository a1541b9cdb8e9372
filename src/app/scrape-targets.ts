import { readdir, readFile, rename, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { messageOf } from "../platform/errors.ts";
import type { Logger } from "../platform/log.ts";
import { makeFolder } from "../platform/make-folder.ts";
import { identifyProcess } from "../platform/servers/process-identity.ts";

type Targets = readonly { readonly targets: readonly string[]; readonly labels: Readonly<Record<string, string>> }[];

type Announced = { readonly role: string; readonly pid: number; readonly url: string };

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

/** Also of those that were killed and not started again, which are seen to be down, unless another has their port by now. */
async function announced(folder: string): Promise<Targets> {
  const names = (await readdir(folder)).filter((name) => /^[a-z]+-\d+\.json$/.test(name)).sort();
  const reading = names.map(async (name) => {
    try {
      const { role, pid, url } = JSON.parse(await readFile(join(folder, name), "utf8")) as Announced;
      return [{ role, address: new URL(url).host, runs: identifyProcess(pid) !== undefined }];
    } catch {
      // It ended just now.
      return [];
    }
  });
  const found = (await Promise.all(reading)).flat();
  const taken = new Set(found.filter(({ runs }) => runs).map(({ address }) => address));
  return found
    .filter(({ runs, address }) => runs || !taken.has(address))
    .map(({ role, address }) => ({ targets: [address], labels: { role, host: hostname() } }));
}
