import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
/** [text](target), without what may follow a blank or #. */
const LINK = /\]\(([^)\s#]+)[^)]*\)/g;
const IS_ELSEWHERE = /^[a-z]+:/;

const pages = globSync(["*.md", "docs/**/*.md"], { cwd: ROOT });
const links = pages.flatMap((page) =>
  [...readFileSync(join(ROOT, page), "utf8").matchAll(LINK)]
    .map(([, target]) => ({ page, target: target! }))
    .filter(({ target }) => !IS_ELSEWHERE.test(target)),
);

test("every link in the documentation leads to a file that is there", () => {
  expect(links).toContainEqual({ page: "README.md", target: "docs/guarantee.md" });
  expect(links).toContainEqual({ page: "docs/guarantee.md", target: "sizing.md" });
  expect(links.filter(({ page, target }) => !existsSync(join(ROOT, dirname(page), target)))).toEqual([]);
});
