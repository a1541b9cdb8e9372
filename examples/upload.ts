import { readFile } from "node:fs/promises";
import { basename } from "node:path";

/**
 * Uploads a file of up to 100,000 applications and says what became of them:
 * PLUMBLINE_TOKEN=… node examples/upload.ts applications.jsonl [channel]
 */

type Answer = {
  readonly accepted: number;
  readonly duplicate: number;
  readonly invalid: number;
  readonly conflict: number;
  readonly items: readonly {
    readonly line: number;
    readonly status: "accepted" | "duplicate" | "invalid" | "conflict";
    readonly errors?: readonly { readonly field: string; readonly detail: string }[];
  }[];
};

const { PLUMBLINE_URL = "http://127.0.0.1:8080", PLUMBLINE_TOKEN = "" } = process.env;
const [file = "examples/data/applications.jsonl", channel = "web"] = process.argv.slice(2);

const form = new FormData();
form.set("file", new Blob([await readFile(file)]), basename(file));
const answer = await fetch(`${PLUMBLINE_URL}/v1/applications/batch?channel=${channel}`, {
  method: "POST",
  body: form,
  headers: { authorization: `Bearer ${PLUMBLINE_TOKEN}` },
});
const body = await answer.json();

if (answer.status === 200) {
  const { accepted, duplicate, invalid, conflict, items } = body as Answer;
  for (const { line, errors = [] } of items) {
    for (const { field, detail } of errors) console.error(`${file}:${line}: ${field} ${detail}`);
  }
  console.log(`${accepted} accepted, ${duplicate} known already, ${invalid} invalid, ${conflict} in conflict`);
  if (invalid + conflict > 0) process.exitCode = 1;
} else {
  console.error(`${answer.status}: ${(body as { detail: string }).detail}`);
  process.exitCode = 1;
}
