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

/** [text](target#heading), with the page's own name where the target is empty. */
const ANCHOR = /\]\(([^)\s#]*)#([^)\s]+)\)/g;

/** A heading's anchor as GitHub makes it. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");
}

function anchorsIn(page: string): string[] {
  return [...readFileSync(join(ROOT, page), "utf8").matchAll(/^#+ +(.*)$/gm)].map(([, heading]) => anchorOf(heading!));
}

test("every link to a heading leads to one that is there", () => {
  const anchors = pages.flatMap((page) =>
    [...readFileSync(join(ROOT, page), "utf8").matchAll(ANCHOR)]
      .filter(([, target]) => !IS_ELSEWHERE.test(target!) && (target === "" || target!.endsWith(".md")))
      .map(([, target, anchor]) => ({
        page,
        anchor: anchor!,
        leadsTo: target === "" ? page : join(dirname(page), target!),
      })),
  );
  expect(anchors).toContainEqual({
    page: "docs/quickstart.md",
    anchor: "dead-letters",
    leadsTo: "docs/troubleshooting.md",
  });
  expect(anchors.filter(({ leadsTo, anchor }) => !anchorsIn(leadsTo).includes(anchor))).toEqual([]);
});
