import { type Command, InvalidArgumentError, Option } from "commander";
import type { Command as Visit } from "../app/command-servers.ts";
import { readEnvironment } from "../app/environment.ts";
import { allTokens, makeToken, withdrawToken } from "../app/tokens.ts";
import { ROLES, type Role } from "../gateway/access/principal.ts";
import type { TokenRow } from "../gateway/access/tokens.ts";
import { duration } from "../platform/variables.ts";
import type { CommandContext } from "./program.ts";
import { WAIT_FOR_SERVER_MS } from "./waiting.ts";

type CreateOptions = {
  readonly name: string;
  readonly role: Role;
  readonly expires: number;
  readonly json: boolean;
};

const LONGEST_NAME = 64;

export function addTokenCommand(program: Command, { signal }: CommandContext): void {
  const token = program.command("token").description("tokens that open the gateway: make one, revoke one, list them");
  token
    .command("create")
    .description("make a token and print it; it is shown this once")
    .addOption(new Option("--name <name>", "whom it is for").makeOptionMandatory().argParser(nameOf))
    .addOption(new Option("--role <role>", "what it may do").choices(ROLES).makeOptionMandatory())
    .addOption(
      new Option("--expires <duration>", "how long it is good for")
        .default(lifetimeOf("30d"), "30d")
        .argParser(lifetimeOf),
    )
    .option("--json", "print JSON", false)
    .action((options: CreateOptions) => create(options, signal));
  token
    .command("revoke")
    .argument("<id>", "as list shows it")
    .description("revoke a token; gateways refuse it within two seconds")
    .action(async (id: string) => {
      const { name, role } = await withdrawToken(visit(signal), id);
      process.stdout.write(`${id} (${name}, ${role}) is revoked\n`);
    });
  token
    .command("list")
    .description("all tokens, newest first")
    .option("--json", "print a JSON array", false)
    .action(async ({ json }: { json: boolean }) => {
      const rows = await allTokens(visit(signal));
      if (json) process.stdout.write(`${JSON.stringify(rows)}\n`);
      else for (const row of rows) process.stdout.write(`${lineOf(row)}\n`);
      if (rows.length === 0 && !json) process.stderr.write("no tokens; `plumbline token create` makes one\n");
    });
}

function visit(signal: AbortSignal): Visit {
  return { name: "token", environment: readEnvironment(), giveUpAfterMs: WAIT_FOR_SERVER_MS, signal };
}

/** The token alone on standard output, so that it can be put into a variable. */
async function create({ name, role, expires, json }: CreateOptions, signal: AbortSignal): Promise<void> {
  const { id, token, expiresAt } = await makeToken(visit(signal), { name, role, lifetimeMs: expires });
  if (json) {
    process.stdout.write(`${JSON.stringify({ id, name, role, expires_at: expiresAt, token })}\n`);
    return;
  }
  process.stderr.write(`token ${id} for ${name}, ${role}, until ${expiresAt.toISOString()}; it is shown this once\n`);
  process.stdout.write(`${token}\n`);
}

function lineOf({ id, name, role, expires_at, revoked_at }: TokenRow): string {
  const state = revoked_at
    ? `revoked ${revoked_at.toISOString()}`
    : `${expires_at.getTime() <= Date.now() ? "expired" : "until"} ${expires_at.toISOString()}`;
  return `${id}  ${role.padEnd(9)}  ${state}  ${name}`;
}

function nameOf(text: string): string {
  const name = text.trim();
  if (name === "" || name.length > LONGEST_NAME || /\p{Cc}/u.test(name)) {
    throw new InvalidArgumentError(`It must be 1 to ${LONGEST_NAME} printable characters.`);
  }
  return name;
}

/** In milliseconds. */
function lifetimeOf(text: string): number {
  const { parse, mustBe } = duration("30d", "");
  const lifetime = parse(text);
  if (lifetime === undefined || lifetime < 1_000) throw new InvalidArgumentError(`It must be ${mustBe}.`);
  return lifetime;
}
