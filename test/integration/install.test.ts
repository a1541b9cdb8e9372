import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = resolve(import.meta.dirname, "../..");
const lock = JSON.parse(readFileSync(`${ROOT}/package-lock.json`, "utf8")) as {
  packages: Record<string, LockEntry>;
};
type LockEntry = {
  readonly resolved?: string;
  readonly integrity?: string;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
  readonly optionalDependencies?: Readonly<Record<string, string>>;
};
const entries = Object.entries(lock.packages).filter(([path]) => path !== "");
/** Those of a platform that Plumbline runs on; the others are in the lock file and never installed. */
const installed = entries.filter(
  ([, { os = ["linux"], cpu = ["x64"], libc = ["glibc"] }]) =>
    os.includes("linux") && libc.includes("glibc") && (cpu.includes("x64") || cpu.includes("arm64")),
);

describe("an install downloads nothing but registry packages", () => {
  it("takes every package from the registry, by its hash", () => {
    expect(installed.length).toBeGreaterThan(50);
    expect(entries.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
    expect(installed.filter(([, { integrity }]) => integrity === undefined)).toEqual([]);
  });

  it("finds every optional package in the lock file, or `npm ci` would refuse it (scripts/complete-lock.ts)", () => {
    const missing = entries.flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter(
        (name) => !(`${path}/node_modules/${name}` in lock.packages) && !(`node_modules/${name}` in lock.packages),
      ),
    );
    expect(missing).toEqual([]);
  });

  it("runs no script of any package", () => {
    const { stdout } = spawnSync("npm", ["config", "get", "ignore-scripts"], { cwd: ROOT, encoding: "utf8" });
    expect(stdout.trim()).toBe("true");
  });

  it("would fetch no CUDA libraries if scripts ran", () => {
    const { stdout } = spawnSync("npm", ["config", "get", "onnxruntime-node-install"], { cwd: ROOT, encoding: "utf8" });
    expect(stdout.trim()).toBe("skip");
    expect(installScriptWithoutNetwork({ npm_config_onnxruntime_node_install: stdout.trim() })).toBe(0);
    // The control: without the setting the same script wants the network.
    expect(installScriptWithoutNetwork({})).not.toBe(0);
  });
});

/** The exit code of onnxruntime-node's install script in a network namespace that has no way out. */
function installScriptWithoutNetwork(settings: NodeJS.ProcessEnv): number | null {
  const cwd = `${ROOT}/node_modules/onnxruntime-node`;
  const env = { PATH: process.env.PATH, ...settings };
  const { status, error, stderr } = spawnSync("unshare", ["-rn", process.execPath, "script/install.js"], {
    cwd,
    env,
    encoding: "utf8",
  });
  if (error) throw new Error(`cannot make a network namespace: install util-linux (${error.message})`);
  if (stderr.startsWith("unshare:")) throw new Error(`cannot make a network namespace: ${stderr}`);
  return status;
}
