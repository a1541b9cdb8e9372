import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "../../../src/app/environment.ts";
import { runbookPage } from "../../../src/gateway/runbook-page.ts";

test("headings, paragraphs, lists, code and links become markup, and nothing else does", () => {
  const page = runbookPage(`# A

First \`a <b>
c\` & *last*
line, see [the other](B.md).

## Next

1. One
   goes on
2. \`two --x <id>\` <script>alert("!")</script>
`);
  expect(page).toContain("<title>A · runbook</title>");
  const body = /<main>\n([\s\S]*)\n<\/main>/.exec(page)![1];
  expect(body).toBe(`<h1>A</h1>
<p>First <code>a &lt;b&gt; c</code> &amp; *last* line, see <a href="B.md">the other</a>.</p>
<h2>Next</h2>
<ol>
<li>One goes on</li>
<li><code>two --x &lt;id&gt;</code> &lt;script&gt;alert(&quot;!&quot;)&lt;/script&gt;</li>
</ol>`);
});

test("no markup of Markdown is left in the runbooks that there are", () => {
  const folder = join(ROOT, "docs/runbooks");
  for (const name of readdirSync(folder)) {
    const page = runbookPage(readFileSync(join(folder, name), "utf8"));
    expect(page.replace(/<code>.*?<\/code>/g, ""), name).not.toMatch(/[`*]|\]\(|^[#-] /m);
  }
});
