import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Logger } from "../log.ts";
import { type EmbeddedMonitor, startMonitor } from "./embedded-monitor.ts";
import { LOOPBACK } from "./ports.ts";
import { openStateFolder, writing } from "./state-folder.ts";

/** Where relative paths in the configuration begin. Makes the folder. */
export async function alertmanagerFolder(home: string): Promise<string> {
  const folder = join((await openStateFolder(home)).home, "alertmanager");
  await writing(folder, () => mkdir(folder, { recursive: true, mode: 0o700 }));
  return folder;
}

/**
 * Starts (or adopts) an Alertmanager on loopback: `config` (the text of alertmanager.yml), silences and what it has sent
 * under `home/alertmanager`, log `home/log/alertmanager.log`, pid and last port under `home/run`. Its first port is 9093
 * where that is free. OperatorError when it can't be found, or doesn't start.
 */
export async function startAlertmanager(options: {
  home: string;
  port?: number;
  config: string;
  log: Logger;
}): Promise<EmbeddedMonitor> {
  const folder = await alertmanagerFolder(options.home);
  return startMonitor({
    ...options,
    name: "alertmanager",
    folder,
    usualPort: 9093,
    argsFor: (port) => [
      "--storage.path",
      join(folder, "data"),
      "--web.listen-address",
      `${LOOPBACK}:${port}`,
      "--web.external-url",
      `http://${LOOPBACK}:${port}/`,
      // One alone; else it listens for others on every interface.
      "--cluster.listen-address",
      "",
    ],
  });
}
