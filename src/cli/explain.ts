import { resolve } from "node:path";
import type { Command } from "commander";
import { ROOT, readEnvironment } from "../app/environment.ts";
import { databaseAddress } from "../app/servers-file.ts";
import { readBundle } from "../models/bundle.ts";
import { type Explanation, explain, readScore } from "../models/explain.ts";
import { OperatorError } from "../platform/errors.ts";
import { createLogger } from "../platform/log.ts";
import { connectDatabase } from "../platform/postgres.ts";
import type { CommandContext } from "./program.ts";
import { WAIT_FOR_SERVER_MS } from "./waiting.ts";

export function addExplainCommand(program: Command, { signal, outcome }: CommandContext): void {
  program
    .command("explain")
    .argument("<id>", "application id")
    .description("derive a stored decision again from its stored input and its model, and say whether it is equal")
    .option("--json", "print JSON", false)
    .action(async (id: string, { json }: { json: boolean }) => {
      const environment = readEnvironment();
      const log = createLogger("silent", "explain");
      const url = await databaseAddress(environment);
      const database = await connectDatabase({ url, connections: 1, log, signal, giveUpAfterMs: WAIT_FOR_SERVER_MS });
      try {
        const stored = await readScore(database, id);
        if (stored === undefined) {
          throw new OperatorError(
            `no decision is stored for ${id}. Look for it with \`plumbline deadletters list\`, or wait: it may still be in the stream.`,
          );
        }
        const explanation = await explain(database, stored, await readBundle(resolve(ROOT, environment.SCORER_BUNDLE)));
        process.stdout.write(json ? `${JSON.stringify(explanation, undefined, 2)}\n` : describe(explanation));
        if (!explanation.equal) outcome.exitCode = 1;
      } finally {
        await database.end();
      }
    });
}

function describe({ stored, derived, equal, contributions }: Explanation): string {
  const lines = [
    `${stored.application_id}: ${stored.decision}, probability of default ${stored.score.toFixed(4)}, risk ${stored.risk_band}`,
    `  model ${stored.model_name} ${stored.model_version} (${stored.model_sha256.slice(0, 12)}), policy ${stored.policy_version}`,
    `  submitted ${stored.submitted_at.toISOString()} on ${stored.channel}, received ${stored.received_at.toISOString()}, scored ${stored.scored_at.toISOString()}, sequence ${stored.sequence}`,
    "",
    "  feature                     value               log-odds   (against the reference median or mode)",
    ...[...contributions]
      .sort((a, b) => b.contribution - a.contribution)
      .map(({ feature, value, used, contribution }) => {
        const shown =
          used === "as_sent" ? String(value) : `${value === null ? "" : `${value} `}(${used.replaceAll("_", " ")})`;
        const signed = `${contribution >= 0 ? "+" : ""}${contribution.toFixed(3)}`;
        return `  ${feature.padEnd(27)} ${shown.padEnd(19)} ${signed.padStart(8)}`;
      }),
    "",
    ...stored.reasons.map(({ code, text }, index) => `  reason ${index + 1}: ${code} ${text}`),
    equal
      ? "  derived again from the stored input: equal"
      : `  derived again from the stored input: NOT EQUAL (${derived.decision}, ${derived.score})`,
  ];
  return `${lines.join("\n")}\n`;
}
