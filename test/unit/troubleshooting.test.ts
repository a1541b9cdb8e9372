import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { docBlocks } from "../support/doc-steps.ts";

const ROOT = join(import.meta.dirname, "../..");
const page = readFileSync(join(ROOT, "docs/troubleshooting.md"), "utf8");

/** All sources as one line: literals that are joined by + are one text, and what differs in a text is an ellipsis. */
const sources = globSync(["src/**/*.ts", "console/src/**/*.tsx", "bin/*"], { cwd: ROOT })
  .map((file) => readFileSync(join(ROOT, file), "utf8"))
  .join("\n")
  .replaceAll(/\$\{[^{}]*\}/g, "…")
  .replaceAll(/["`]\s*\+\s*["`]/g, "")
  .replaceAll("\\`", "`");

/** The parts of a message that don't differ. The command's own name is before each. */
function fixedParts(message: string): string[] {
  return message.split("…").map((part) => part.replace(/^(plumbline)?: /, "").trim());
}

const messages = docBlocks(page)
  .filter(({ language, marks }) => language === "text" && marks.includes("message"))
  .map(({ text }) => text.trim());
/** Messages in tables and sentences: code with blanks in it that is no command, no path and no header. */
const quoted = [...page.matchAll(/\| (?:\d+ \| )?`+ ?([^`|]+(?:`[^`|]+`[^`|]*)?[^`|]*?) ?`+ \|/g)].map(
  ([, text]) => text!,
);

test("the messages on the page of troubleshooting are in the code", () => {
  expect(messages.length).toBeGreaterThan(20);
  expect(quoted.length).toBeGreaterThan(15);
  const parts = [...messages, ...quoted].flatMap(fixedParts).filter((part) => part.length > 3);
  expect(parts.filter((part) => !sources.includes(part))).toEqual([]);
});
