import { type Command, InvalidArgumentError } from "commander";
import { databaseFor } from "../app/command-servers.ts";
import { driftReports } from "../app/drift-report.ts";
import { readEnvironment } from "../app/environment.ts";
import { renderPage } from "../drift/page/page.ts";
import { renderTerminal } from "../drift/terminal-table.ts";
import { duration, instant } from "../platform/variables.ts";
import type { CommandContext } from "./program.ts";
import { WAIT_FOR_SERVER_MS } from "./waiting.ts";
import { writePage } from "./write-page.ts";

type Options = {
  readonly model?: string;
  readonly from?: number;
  readonly to?: number;
  readonly window?: number;
  readonly finish: boolean;
  readonly html?: string;
  readonly json: boolean;
};

const HELP = `
Without --from, --to, --window or --finish: the reports that the drift consumer has stored. With any of them: reports
made again from the stored applications. Windows then begin at --from (else at DRIFT_ORIGIN). Exit code 0 whatever was
found; 1 when there is nothing to report.`;

export function addDriftReportCommand(drift: Command, { signal, outcome }: CommandContext): void {
  drift
    .command("report")
    .description("show what moved, since when, how much, and what to do")
    .option("--model <name>", "the model, when there are several; else the one registered last")
    .option("--from <time>", "only applications submitted from here on, e.g. 2010-07-01", time)
    .option("--to <time>", "only applications submitted before", time)
    .option("--window <duration>", "width of the windows, e.g. 24h or 30d (default: DRIFT_WINDOW)", width)
    .option("--finish", "judge the last window as if nothing more would come", false)
    .option("--html <file>", "write a page that needs nothing else, to be read in a browser")
    .option("--json", "print JSON", false)
    .addHelpText("after", HELP)
    .action(async ({ html, json, ...options }: Options) => {
      const environment = readEnvironment();
      const database = await databaseFor({
        name: "drift-report",
        environment,
        giveUpAfterMs: WAIT_FOR_SERVER_MS,
        signal,
      });
      try {
        const { reports, reference, settings } = await driftReports(database, environment, { ...options, signal });
        if (html !== undefined) await writePage(html, renderPage(reports, reference, new Date(), settings));
        if (json) process.stdout.write(`${JSON.stringify(reports, undefined, 2)}\n`);
        else process.stdout.write(renderTerminal(reports));
        if (html !== undefined && !json) process.stdout.write(`\n${html} is written\n`);
        if (reports.length === 0) outcome.exitCode = 1;
      } finally {
        await database.end();
      }
    });
}

function time(text: string): number {
  const { parse, mustBe } = instant("1970-01-01", "");
  const value = parse(text);
  if (value === undefined) throw new InvalidArgumentError(`It must be ${mustBe}.`);
  return value;
}

function width(text: string): number {
  const { parse, mustBe } = duration("24h", "");
  const value = parse(text);
  if (value === undefined || value < 1_000) throw new InvalidArgumentError(`It must be ${mustBe}, at least 1s.`);
  return value;
}
