import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { scaleRules } from "../../scripts/scale-rules.ts";
import { webhookAlone } from "../../src/app/observe-configuration.ts";
import { createLogger } from "../../src/platform/log.ts";
import { findProgram, type ProgramName } from "../../src/platform/servers/find-program.ts";
import { runProgram } from "../../src/platform/servers/run-program.ts";
import { alertRules, PROMETHEUS, yamlFiles } from "../support/rule-files.ts";

const log = createLogger("silent", "test");
const ALERTMANAGER = join(PROMETHEUS, "alertmanager.yml");
let scratch: string;

beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), "plumbline-rules-"));
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Runs a tool to its end; the test fails with what it printed when it finds fault. */
async function run(name: ProgramName, ...args: string[]): Promise<string> {
  const { code, output } = await runProgram(await findProgram(name, log), args, { withinMs: 50_000 });
  if (code !== 0) throw new Error(`${name} ${args.join(" ")}\n${output}`);
  return output;
}

test("promtool finds no fault in the configuration and the rules", async () => {
  expect(await run("promtool", "check", "config", join(PROMETHEUS, "prometheus.yml"))).toContain("SUCCESS");
  await run("promtool", "check", "rules", "--lint=all", "--lint-fatal", ...yamlFiles("rules"));
});

test.for(yamlFiles("tests").map((path) => [basename(path), path] as const))(
  "alerts fire and keep quiet as %s says",
  async ([, path]) => {
    expect(await run("promtool", "test", "rules", path)).toContain("SUCCESS");
  },
);

test("rules with shortened windows are rules still", async () => {
  const files = yamlFiles("rules").map((path) => {
    const scaled = join(scratch, basename(path));
    writeFileSync(scaled, scaleRules(readFileSync(path, "utf8"), 60));
    return scaled;
  });
  await run("promtool", "check", "rules", "--lint=all", "--lint-fatal", ...files);
});

test("amtool finds no fault, with people to tell and without", async () => {
  await run("amtool", "check-config", ALERTMANAGER);
  cpSync(join(PROMETHEUS, "templates"), join(scratch, "templates"), { recursive: true });
  const alone = join(scratch, "alertmanager.yml");
  writeFileSync(alone, webhookAlone(readFileSync(ALERTMANAGER, "utf8")));
  const output = await run("amtool", "check-config", alone);
  expect(output).toContain("3 receivers");
  expect(readFileSync(alone, "utf8")).not.toMatch(/slack_configs|pagerduty_configs|email_configs/);
});

test("every alert goes to the gateway, and to those whom its severity concerns", async () => {
  const receivers = { page: "plumbline,page", ticket: "plumbline,ticket", none: "plumbline", surprising: "plumbline" };
  const severities = new Set(alertRules().map(({ labels }) => labels.severity));
  expect([...severities].sort()).toEqual(["none", "page", "ticket"]);
  for (const [severity, wanted] of Object.entries(receivers)) {
    const words = [
      `--config.file=${ALERTMANAGER}`,
      `--verify.receivers=${wanted}`,
      "alertname=A",
      `severity=${severity}`,
    ];
    await run("amtool", "config", "routes", "test", ...words);
  }
});
