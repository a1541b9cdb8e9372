import { resolve } from "node:path";
import type { Command } from "commander";
import { compareFiles } from "../app/drift-compare.ts";
import { ROOT, readEnvironment } from "../app/environment.ts";
import { renderPage } from "../drift/page/page.ts";
import { renderTerminal } from "../drift/terminal-table.ts";
import type { CommandContext } from "./program.ts";
import { writePage } from "./write-page.ts";

type Options = { readonly bundle?: string; readonly html?: string; readonly json: boolean };

const HELP = `
Files are .jsonl or .csv, also with .gz, as for publish; REFERENCE may also be a reference profile (.json). Both are scored by the
bundle's model. With no windows before it, whatever is sure and large counts as drift. With fewer than
DRIFT_MIN_SAMPLES current applications there is no verdict. A line that is not valid is reported with file and line, and then
nothing is compared.`;

export function addDriftCompareCommand(drift: Command, { signal }: CommandContext): void {
  drift
    .command("compare")
    .argument("<reference>", "what is normal: applications, or a reference profile")
    .argument("<current>", "what is compared with it: applications")
    .description("compare the applications of two files, without any server")
    .option("--bundle <folder>", "model bundle that names the features and scores (default: SCORER_BUNDLE)")
    .option("--html <file>", "write a page that needs nothing else, to be read in a browser")
    .option("--json", "print JSON", false)
    .addHelpText("after", HELP)
    .action(async (reference: string, current: string, { bundle, html, json }: Options) => {
      const { SCORER_BUNDLE, DRIFT_MIN_SAMPLES } = readEnvironment();
      const folder = bundle ?? resolve(ROOT, SCORER_BUNDLE);
      const compared = await compareFiles({ bundle: folder, reference, current }, DRIFT_MIN_SAMPLES, signal);
      const reports = [compared.report];
      if (html !== undefined) await writePage(html, renderPage(reports, compared.reference, new Date()));
      if (json) process.stdout.write(`${JSON.stringify(compared.report, undefined, 2)}\n`);
      else process.stdout.write(renderTerminal(reports));
      if (!json && compared.report.status === "insufficient") {
        process.stdout.write(
          `\nA verdict needs ${DRIFT_MIN_SAMPLES} applications (DRIFT_MIN_SAMPLES); ${current} holds fewer.\n`,
        );
      }
    });
}
