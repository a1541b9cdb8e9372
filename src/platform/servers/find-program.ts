import { OperatorError } from "../errors.ts";
import type { Logger } from "../log.ts";
import { canInstallPackages, installPackage } from "./debian-package.ts";
import { runProgram } from "./run-program.ts";

/** What each program is called on disk (the first that is found counts), and the Debian package that brings it. */
const PROGRAMS = {
  "nats-server": { files: ["nats-server"], debianPackage: "nats-server" },
  prometheus: { files: ["prometheus"], debianPackage: "prometheus" },
  promtool: { files: ["promtool"], debianPackage: "prometheus" },
  alertmanager: { files: ["alertmanager", "prometheus-alertmanager"], debianPackage: "prometheus-alertmanager" },
  amtool: { files: ["amtool"], debianPackage: "prometheus-alertmanager" },
  pgbouncer: { files: ["pgbouncer"], debianPackage: "pgbouncer" },
  psql: { files: ["psql"], debianPackage: "postgresql-client" },
  curl: { files: ["curl"], debianPackage: "curl" },
  python3: { files: ["python3"], debianPackage: "python3" },
  openssl: { files: ["openssl"], debianPackage: "openssl" },
  chromium: { files: ["chromium", "chromium-browser", "google-chrome"], debianPackage: "chromium" },
} as const;

export type ProgramName = keyof typeof PROGRAMS;

/** Daemons live in the sbin folders, which an ordinary user's PATH leaves out. */
const SEARCH = `
  PATH="$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
  for file in "$@"; do command -v "$file" && exit; done
  exit 1`;

const installing = new Map<string, Promise<void>>();

/**
 * Finds a program on PATH or in the usual sbin folders, else installs its Debian package with apt when root on Debian
 * or a system made from it, else throws an OperatorError saying exactly what to install. Returns the program's path.
 */
export async function findProgram(name: ProgramName, log: Logger): Promise<string> {
  const { files, debianPackage } = PROGRAMS[name];
  const found = await findFile(files);
  if (found !== undefined) return found;
  if (!canInstallPackages()) {
    throw new OperatorError(
      `${name} is not installed. On Debian and Ubuntu: sudo apt-get install --no-install-recommends ${debianPackage}. ` +
        `Elsewhere: put the program ${name} on PATH.`,
    );
  }
  // Two programs may come in one package: one installation serves both callers.
  let installation = installing.get(debianPackage);
  if (installation === undefined) {
    installation = installPackage(debianPackage, log).finally(() => installing.delete(debianPackage));
    installing.set(debianPackage, installation);
  }
  await installation;
  const installed = await findFile(files);
  if (installed !== undefined) return installed;
  throw new OperatorError(`the package ${debianPackage} brought no ${name}: put the program ${name} on PATH.`);
}

async function findFile(files: readonly string[]): Promise<string | undefined> {
  const { code, output } = await runProgram("/bin/sh", ["-c", SEARCH, "sh", ...files], { withinMs: 10_000 });
  return code === 0 ? output : undefined;
}
