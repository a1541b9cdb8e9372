import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { dashboards } from "../../grafana/src/dashboards.ts";
import { panelExpressions } from "../../grafana/src/panel-expressions.ts";
import { createLogger } from "../../src/platform/log.ts";
import { findProgram } from "../../src/platform/servers/find-program.ts";
import { runProgram } from "../../src/platform/servers/run-program.ts";

const log = createLogger("silent", "test");

/** The grammar that the editor's parser has is newer than the Prometheus that has to answer: this is the latter's own. */
test("Prometheus understands every panel's expression", async () => {
  const folder = await mkdtemp(join(tmpdir(), "plumbline-dashboards-"));
  try {
    const promtool = await findProgram("promtool", log);
    const expressions = panelExpressions(dashboards(), { rateInterval: "1m", range: "1h" });
    expect(expressions.length).toBeGreaterThan(100);
    expect(
      await checked(
        promtool,
        join(folder, "good.yml"),
        expressions.map(({ expression }) => expression),
      ),
    ).toBe(0);
    expect(await checked(promtool, join(folder, "bad.yml"), ["rate(up)"])).not.toBe(0);
  } finally {
    await rm(folder, { recursive: true });
  }
});

/** JSON is YAML; a rule for each expression. Returns promtool's exit code. */
async function checked(promtool: string, file: string, expressions: readonly string[]): Promise<number | undefined> {
  const rules = expressions.map((expr, index) => ({ record: `panel:${index}`, expr }));
  await writeFile(file, JSON.stringify({ groups: [{ name: "panels", rules }] }));
  return (await runProgram(promtool, ["check", "rules", file], { withinMs: 30_000 })).code;
}
