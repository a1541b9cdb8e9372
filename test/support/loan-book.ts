import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { ROOT } from "../../src/app/environment.ts";

/** Test data that the repository doesn't ship lie beside it. */
export const SHARED = join(ROOT, "../shared");
export const hasLoanBook = existsSync(join(SHARED, "data"));

/** The lines of a gzipped file of the loan book. */
export function loanBook(file: string): string[] {
  return gunzipSync(readFileSync(join(SHARED, "data", file)))
    .toString()
    .trimEnd()
    .split("\n");
}

/** The applications after the model's training, in order of submission. */
export function applicationsAfterTraining(): string[] {
  return loanBook("lendingclub-applications.jsonl.gz").filter((line) => submittedAt(line) >= "2010-07-01");
}

export function submittedAt(line: string): string {
  return (JSON.parse(line) as { submitted_at: string }).submitted_at;
}
