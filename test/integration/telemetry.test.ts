import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ROOT } from "../../src/app/environment.ts";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "plumbline-telemetry-"));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** What a process leaves in its user's home. */
function leftBy(script: string): string[] {
  const env = { HOME: home, XDG_CACHE_HOME: join(home, ".cache") };
  execFileSync(process.execPath, ["--input-type=module", "--eval", script], { cwd: ROOT, env, timeout: 20_000 });
  return readdirSync(home, { recursive: true, encoding: "utf8" });
}

const MODEL = join(ROOT, "models/lendingclub/model.onnx");

it("a scorer's model runtime keeps and sends no telemetry", () => {
  const ours = `
    const { openSession } = await import("./src/models/session.ts");
    const { readBundle } = await import("./src/models/bundle.ts");
    const { modelFile, manifest } = await readBundle("models/lendingclub");
    await openSession(modelFile, manifest);
    process.exit(0);`;
  expect(leftBy(ours)).toEqual([]);
});

it("the control: the runtime by itself does", () => {
  const plain = `
    const { InferenceSession } = await import("onnxruntime-node");
    await InferenceSession.create(${JSON.stringify(MODEL)});
    process.exit(0);`;
  expect(leftBy(plain).join()).toMatch(/onnxruntime/);
});
