import { readFileSync } from "node:fs";
import { UsageError } from "./errors.ts";
import { fileFault } from "./file-fault.ts";

type Source = Readonly<Record<string, string | undefined>>;

/**
 * The environment in which each of the named variables may be given as a file instead: `DATABASE_URL_FILE` is the path of
 * one that holds `DATABASE_URL`, as Docker and Kubernetes hand over secrets.
 * @throws UsageError that reports all faults together: both are set, or the file can't be read or is empty.
 */
export function withSecretFiles(names: readonly string[], source: Source): Source {
  const faults: string[] = [];
  const read: Record<string, string> = {};
  for (const name of names) {
    const path = source[`${name}_FILE`]?.trim();
    if (!path) continue;
    if (source[name]?.trim()) {
      faults.push(`${name} and ${name}_FILE are both set, unset one`);
      continue;
    }
    try {
      read[name] = readFileSync(path, "utf8").trim();
      if (read[name] === "") faults.push(`${path}, which ${name}_FILE names, is empty`);
    } catch (error) {
      faults.push(`${path}, which ${name}_FILE names, can't be read: ${fileFault(error)}`);
    }
  }
  if (faults.length > 0) throw new UsageError(`the environment is not right: ${faults.join("; ")}`);
  return { ...source, ...read };
}
