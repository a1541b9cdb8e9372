import { existsSync } from "node:fs";
import { OperatorError } from "../errors.ts";
import type { Logger } from "../log.ts";
import { runProgram } from "./run-program.ts";

const INSTALL_WITHIN_MS = 10 * 60_000;

/** Whether this process may install packages: root, on Debian or a system made from it. */
export function canInstallPackages(): boolean {
  return process.getuid?.() === 0 && existsSync("/usr/bin/apt-get");
}

/** Installs a Debian package without its recommendations. OperatorError with apt's last words when that fails. */
export async function installPackage(name: string, log: Logger): Promise<void> {
  log.warn({ package: name }, "installing a Debian package with apt-get");
  let result = await install(name);
  if (result.code !== 0) {
    // A fresh image has no package lists, and an old one has lists of files that are gone.
    await aptGet("update");
    result = await install(name);
  }
  if (result.code !== 0) {
    const lastLines = result.output.split("\n").slice(-5).join("\n");
    throw new OperatorError(`could not install ${name}; try it yourself: apt-get install ${name}\n${lastLines}`);
  }
  // Debian starts daemons when it installs them, nats-server on every interface; Plumbline wants the program alone.
  if (existsSync("/run/systemd/system") && existsSync(`/lib/systemd/system/${name}.service`)) {
    await runProgram("systemctl", ["disable", "--now", `${name}.service`], { withinMs: 60_000 });
    log.warn({ service: `${name}.service` }, "switched off the service that came with the package");
  }
}

function install(name: string) {
  return aptGet("install", "--yes", "--no-install-recommends", name);
}

function aptGet(...words: string[]) {
  // In runlevel 1 no init script is started, where it isn't systemd that starts services.
  const args = ["DEBIAN_FRONTEND=noninteractive", "RUNLEVEL=1", "apt-get", "-o", "DPkg::Lock::Timeout=120", ...words];
  return runProgram("/usr/bin/env", args, { withinMs: INSTALL_WITHIN_MS });
}
