const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** The console's colours, without its fonts and scripts: this page is read when little else works. */
export const RUNBOOK_STYLE = `:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 44rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin-top: 1.75rem; } li { margin: 0.4rem 0; }
code { font: 0.9em ui-monospace, monospace; background: color-mix(in srgb, currentColor 10%, transparent); padding: 0.1em 0.3em; }
`;

/**
 * A runbook as a page. Of Markdown it knows what runbooks are written in: headings, paragraphs, numbered lists, code and links;
 * anything else stays as it is written. Pure.
 */
export function runbookPage(markdown: string): string {
  const blocks = markdown.trim().split(/\n{2,}/);
  const title = inline(blocks[0]!.replace(/^# /, ""));
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${title} · runbook</title><link rel="stylesheet" href="runbook.css"></head>
<body><main>
${blocks.map(block).join("\n")}
</main></body></html>
`;
}

function block(text: string): string {
  const [, level, heading] = /^(#{1,3}) (.*)$/.exec(text) ?? [];
  if (level !== undefined) return `<h${level.length}>${inline(heading!)}</h${level.length}>`;
  if (!/^\d+\. /.test(text)) return `<p>${inline(text)}</p>`;
  const items = text.split(/\n(?=\d+\. )/).map((item) => `<li>${inline(item.replace(/^\d+\. /, ""))}</li>`);
  return `<ol>\n${items.join("\n")}\n</ol>`;
}

/** Text, `code` and [links](to); a blank or a line break in code is one blank. */
function inline(text: string): string {
  const parts = text.replace(/\s+/g, " ").split(/(`[^`]+`|\[[^\]]+\]\([^)\s]+\))/);
  return parts.map((part) => code(part) ?? link(part) ?? escaped(part)).join("");
}

function code(part: string): string | undefined {
  const [, words] = /^`(.+)`$/.exec(part) ?? [];
  return words && `<code>${escaped(words)}</code>`;
}

function link(part: string): string | undefined {
  const [, words, target] = /^\[(.+)\]\((.+)\)$/.exec(part) ?? [];
  return words && `<a href="${escaped(target!)}">${inline(words)}</a>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => ENTITIES[character]!);
}
