import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import type { CompareFiles } from "../gateway/reading/compare-route.ts";
import { aborted } from "../platform/aborted.ts";
import { childEnvironment, ROOT } from "./environment.ts";

const MOST_MS = 120_000;

/**
 * Compares files as `plumbline drift compare` does, in a process of its own: it takes a core for seconds, and the gateway has
 * others to answer.
 */
export const compareApart: CompareFiles = async (folder, { reference, current }, signal) => {
  const child = spawn(`${ROOT}bin/plumbline`, ["drift", "compare", reference, current, "--json"], {
    cwd: folder,
    env: childEnvironment({ LOG_LEVEL: "silent" }),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const code = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  void aborted(AbortSignal.any([signal, AbortSignal.timeout(MOST_MS)])).then(() => child.kill("SIGKILL"));
  const [output, said, ended] = await Promise.all([text(child.stdout), text(child.stderr), code]);
  signal.throwIfAborted();
  if (ended === 0) return { report: JSON.parse(output) as object };
  if (ended === null)
    return { fault: `The comparison took longer than ${MOST_MS / 1000} s. Compare fewer applications.` };
  return {
    fault: said
      .replace(/^plumbline: /, "")
      .trim()
      .slice(0, 2_000),
  };
};
