import { expect, test } from "vitest";
import { renderPage } from "../../src/drift/page/page.ts";
import { renderTerminal } from "../../src/drift/terminal-table.ts";
import { hasRealLoans, judgeRealLoans } from "../support/lendingclub-windows.ts";

test.skipIf(!hasRealLoans)("real loans after the model's training make a page that says what moved", async () => {
  const { reports, reference } = await judgeRealLoans((index) => (index % 3 === 0 ? "branch" : "web"));
  const page = renderPage(reports, reference, new Date("2012-01-23T08:30:00Z")).replaceAll("\u00a0", " ");
  expect(page).toContain("the first since 1 Jul 2010");
  expect(page).toMatch(/term_months moved: the share of value 36 is 43\.2 %, was 95\.2 %/);
  expect(page).not.toMatch(/NaN|undefined|Infinity/);
  const windows = renderTerminal(reports).match(/^\d{4}-\d\d-\d\d .*$/gm)!;
  expect(windows).toHaveLength(19);
  expect(windows[0]).toMatch(/no warning .* 1,165 {2}0$/);
  expect(windows[1]).toMatch(/ 4 .*term_months/);
});
