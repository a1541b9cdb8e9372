/**
 * Known vulnerabilities of what is installed in production (`npm run check:vulnerabilities`), as npm's registry knows them.
 * Exit code 1 for those of severity high or critical. A registry that doesn't answer audits (many mirrors don't) is said so; that
 * is a failure on GitHub, where nothing checked must not look like nothing found, and none elsewhere.
 */
import { spawnSync } from "node:child_process";

type Audit = {
  readonly error?: { readonly summary?: string };
  readonly message?: string;
  readonly vulnerabilities?: Readonly<Record<string, { readonly severity: string; readonly range: string }>>;
};

const { stdout, error } = spawnSync("npm", ["audit", "--omit=dev", "--json"], {
  encoding: "utf8",
  stdio: ["ignore", "pipe", "ignore"],
  maxBuffer: 1 << 28,
});
if (error !== undefined) throw error;
const audit = parsed(stdout);
if (audit?.vulnerabilities === undefined) {
  const why = audit?.message ?? audit?.error?.summary ?? "no answer";
  process.stderr.write(
    `NOTHING WAS CHECKED: the registry that npm is set to doesn't answer audits (${why}). Run it where npm reaches registry.npmjs.org.\n`,
  );
  if (process.env.GITHUB_ACTIONS === "true") process.exitCode = 1;
} else {
  const found = Object.entries(audit.vulnerabilities);
  for (const [name, { severity, range }] of found) process.stdout.write(`${severity}: ${name} ${range}\n`);
  const grave = found.filter(([, { severity }]) => severity === "high" || severity === "critical");
  process.stdout.write(`${found.length} vulnerable packages in production, ${grave.length} of them high or critical\n`);
  if (grave.length > 0) process.exitCode = 1;
}

function parsed(text: string): Audit | undefined {
  try {
    return JSON.parse(text) as Audit;
  } catch {
    return undefined;
  }
}
