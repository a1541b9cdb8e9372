/**
 * Completes package-lock.json after a change of dependencies, where the registry holds the binary packages of
 * some platforms only: npm leaves the others out of the lock file, and `npm ci` then refuses the file as out of step.
 *
 *   $(bin/node-new-enough) scripts/complete-lock.ts
 *
 * Each is entered with its version and platform and without a hash, which npm learns nowhere else; it is only ever
 * installed on that platform.
 */
import { readFile, writeFile } from "node:fs/promises";

type Entry = {
  readonly version?: string;
  readonly dev?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
};

const FILE = new URL("../package-lock.json", import.meta.url);
const lock = JSON.parse(await readFile(FILE, "utf8")) as { packages: Record<string, Entry> };

const added: Record<string, object> = {};
for (const [path, { optionalDependencies = {}, dev }] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    const nested = `${path}/node_modules/${name}`;
    const hoisted = `node_modules/${name}`;
    if (path === "" || nested in lock.packages || hoisted in lock.packages) continue;
    added[hoisted] = { version, ...(dev && { dev }), optional: true, ...platformOf(name) };
  }
}

const packages = Object.fromEntries(
  Object.entries({ ...lock.packages, ...added }).sort(([a], [b]) => (a < b ? -1 : 1)),
);
await writeFile(FILE, `${JSON.stringify({ ...lock, packages }, undefined, 2)}\n`);
process.stdout.write(`${Object.keys(added).length} packages of other platforms added\n`);

/** Binary packages are named `…-<os>-<cpu>[-<libc>]` throughout. */
function platformOf(name: string): { os?: string[]; cpu?: string[]; libc?: string[] } {
  const words = name.split(/[-/]/);
  const os = [
    "android",
    "darwin",
    "freebsd",
    "linux",
    "openharmony",
    "win32",
    "netbsd",
    "openbsd",
    "sunos",
    "aix",
  ].find((word) => words.includes(word));
  const cpu = ["arm64", "arm", "x64", "ia32", "ppc64", "riscv64", "s390x", "loong64", "mips64el", "wasm32"].find(
    (word) => words.includes(word),
  );
  const libc = words.some((word) => word.startsWith("musl"))
    ? "musl"
    : words.some((word) => word.startsWith("gnu"))
      ? "glibc"
      : undefined;
  return { ...(os && { os: [os] }), ...(cpu && { cpu: [cpu] }), ...(libc && os === "linux" && { libc: [libc] }) };
}
