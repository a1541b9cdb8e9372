import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Logger } from "../log.ts";
import { type EmbeddedMonitor, startMonitor } from "./embedded-monitor.ts";
import { LOOPBACK } from "./ports.ts";
import { openStateFolder, writing } from "./state-folder.ts";

/** A month's budget needs a month's history. */
const KEPT = { "--storage.tsdb.retention.time": "35d", "--storage.tsdb.retention.size": "2GB" };

/** Where relative paths in the configuration begin. Makes the folder. */
export async function prometheusFolder(home: string): Promise<string> {
  const folder = join((await openStateFolder(home)).home, "prometheus");
  await writing(folder, () => mkdir(folder, { recursive: true, mode: 0o700 }));
  return folder;
}

/**
 * Starts (or adopts) a Prometheus on loopback: `config` (the text of prometheus.yml) and series under `home/prometheus`,
 * log `home/log/prometheus.log`, pid and last port under `home/run`. Its first port is 9090 where that is free.
 * OperatorError when it can't be found, or doesn't start.
 */
export async function startPrometheus(options: {
  home: string;
  port?: number;
  config: string;
  log: Logger;
}): Promise<EmbeddedMonitor> {
  const folder = await prometheusFolder(options.home);
  return startMonitor({
    ...options,
    name: "prometheus",
    folder,
    usualPort: 9090,
    argsFor: (port) => [
      ...Object.entries(KEPT).flat(),
      "--storage.tsdb.path",
      join(folder, "data"),
      "--web.listen-address",
      `${LOOPBACK}:${port}`,
      // Else the links in its alerts name this machine as others see it, where it doesn't listen.
      "--web.external-url",
      `http://${LOOPBACK}:${port}/`,
    ],
  });
}
