import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";

const MODULE = new URL("../../../src/platform/log.ts", import.meta.url).href;

/** What a process logs, which has a logger of this level. */
function logged(level: string, statement: string): Record<string, unknown>[] {
  const code = `import { createLogger } from ${JSON.stringify(MODULE)};
    const log = createLogger(${JSON.stringify(level)}, "tester");
    ${statement}`;
  const command = ["-c", 'exec "$0" --input-type=module -e "$1" 2>&1', process.execPath, code];
  const output = execFileSync("sh", command, { encoding: "utf8" });
  return output
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

describe("the log", () => {
  it("is one JSON object per line on standard error, with level, role, process and time", () => {
    const [line, ...more] = logged("info", 'log.debug("no"); log.info({ url: "http://x" }, "ready")');
    expect(more).toEqual([]);
    expect(line).toEqual({
      level: "info",
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      role: "tester",
      pid: expect.any(Number),
      url: "http://x",
      msg: "ready",
    });
  });

  it("is empty when silent", () => {
    expect(logged("silent", 'log.fatal("x")')).toEqual([]);
  });

  it("shows an error's message and stack, and not what the database adds of a row", () => {
    const [line] = logged(
      "info",
      `const cause = Object.assign(new Error("inner"), { detail: "Failing row contains (SECRET)" });
       const error = Object.assign(new TypeError("outer", { cause }), {
         code: "23514", detail: "Failing row contains (SECRET)", where: "JSON data, line 1: SECRET", hint: "SECRET" });
       log.error({ err: error }, "no");`,
    );
    expect(line!.err).toEqual({
      type: "TypeError",
      message: expect.stringContaining("outer"),
      stack: expect.stringMatching(/^TypeError: outer\n {4}at /),
      code: "23514",
    });
    expect(JSON.stringify(line)).not.toContain("SECRET");
  });
});
