import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT, VARIABLES } from "../../src/app/environment.ts";
import { createProgram } from "../../src/cli/program.ts";
import { driftConsumer, scorerConsumer } from "../../src/contracts/streams.ts";
import { type AlertRule, alertCases, alertRules, recordingRules } from "../support/rule-files.ts";

const RUNBOOKS = join(ROOT, "docs/runbooks");
const alerts = alertRules();
const names = [...new Set(alerts.map(({ alert }) => alert))].sort();

test("every alert says how bad it is, since when, what it means, what to do and where to look", () => {
  for (const { alert, labels, annotations, for: waits } of alerts) {
    expect(["page", "ticket", "none"], alert).toContain(labels.severity);
    expect(waits, alert).toMatch(/^\d+[mh]$/);
    expect(Object.keys(annotations), alert).toEqual(["summary", "description", "runbook_url", "dashboard"]);
    expect(annotations.runbook_url).toBe(`/runbooks/${alert}.md`);
    expect(annotations.dashboard, alert).toMatch(/^\/d\/plumbline-(overview|pipeline|model|drift|api|errors|runtime)$/);
    for (const text of Object.values(annotations)) expect(text, alert).not.toBe("");
  }
});

test("every alert has a runbook that says the four things, and there is none of an alert that is gone", () => {
  expect(readdirSync(RUNBOOKS).sort()).toEqual(names.map((name) => `${name}.md`));
  for (const name of names) {
    const text = readFileSync(join(RUNBOOKS, `${name}.md`), "utf8");
    const headings = [...text.matchAll(/^#+ .*$/gm)].map(([line]) => line);
    expect(headings, name).toEqual([`# ${name}`, "## Meaning", "## Impact", "## Diagnosis", "## Mitigation"]);
    // The gateway serves runbooks and no other page of docs/.
    const links = [...text.matchAll(/\]\(([^)]+)\)/g)].map(([, link]) => link!.replace(/\.md$/, ""));
    expect(names, name).toEqual(expect.arrayContaining(links));
  }
});

test("runbooks name commands, options, variables and alerts that exist", async () => {
  const text = names
    .map((name) => readFileSync(join(RUNBOOKS, `${name}.md`), "utf8").replaceAll(/\s+/g, " "))
    .join(" ");
  const quoted = [...text.matchAll(/`([^`]+)`/g)].map(([, words]) => words!);
  const program = await createProgram([], new AbortController().signal, { exitCode: 0 });
  const lines = quoted.filter((words) => words.startsWith("plumbline "));
  expect(lines.length).toBeGreaterThan(30);
  for (const line of lines) {
    let command = program;
    for (const word of line.split(" ").slice(1)) {
      const next = command.commands.find((one) => one.name() === word);
      if (next !== undefined) command = next;
      if (word.startsWith("--"))
        expect(
          command.options.map(({ long }) => long),
          line,
        ).toContain(word);
    }
    expect(command, line).not.toBe(program);
  }
  const variables = quoted.filter((words) => /^[A-Z]+(_[A-Z]+)+$/.test(words));
  expect(Object.keys(VARIABLES)).toEqual(expect.arrayContaining(variables));
});

/** What tells the rules of one alert apart. */
const kindOf = (labels: Readonly<Record<string, string>>) => `${labels.severity} ${labels.burn ?? labels.scope ?? ""}`;

test("every rule has a case in which it waits and then fires, and its alert one in which it keeps quiet", () => {
  const cases = alertCases();
  for (const { alert, labels } of alerts) {
    const own = cases.map((checks) => checks.filter(({ alertname }) => alertname === alert));
    const fires = own.filter((checks) => {
      const found = checks.findIndex(({ exp_alerts }) =>
        exp_alerts.some(({ exp_labels }) => kindOf(exp_labels) === kindOf(labels)),
      );
      // The check before it: the same fault, not yet for long enough.
      return (
        found > 0 && checks[found - 1]!.exp_alerts.every(({ exp_labels }) => kindOf(exp_labels) !== kindOf(labels))
      );
    });
    expect(fires, `${alert} (${kindOf(labels)}) fires after it waited`).not.toEqual([]);
    if (alert === "Watchdog") continue;
    const quiet = own.filter(
      (checks) => checks.length > 0 && checks.every(({ exp_alerts }) => exp_alerts.length === 0),
    );
    expect(quiet, `${alert} keeps quiet`).not.toEqual([]);
  }
});

/** What an expression divides by, each in its parentheses. */
function divisors(expr: string): string[] {
  const withoutStrings = expr.replaceAll(/"[^"]*"/g, '""');
  return withoutStrings
    .split("/")
    .slice(1)
    .map((rest) => {
      const text = rest.replace(/^\s*(on \(\w*\) )?(group_left \(\) )?/, "");
      let depth = 0;
      const end = [...text].findIndex((letter) => {
        depth += letter === "(" ? 1 : letter === ")" ? -1 : 0;
        return depth === 0;
      });
      return text.slice(0, end + 1);
    });
}

test("nothing is divided by what may be 0, and no label is lost in absent()", () => {
  const found = [...alerts, ...recordingRules()].flatMap(({ expr }) => divisors(expr));
  expect(found.length).toBeGreaterThan(20);
  for (const divisor of found) expect(divisor).toMatch(/^\(.* > 0\)$|^\(1 - plumbline:objective:\w+\)$/s);
  for (const { expr } of alerts) expect(expr).not.toContain("absent(");
});

test("numbers that the code knows are the code's", () => {
  const near = alerts.find(({ alert }) => alert === "AckPendingNearLimit")!.expr;
  for (const consumer of [scorerConsumer(1), driftConsumer(1)]) {
    expect(near).toContain(`consumer="${consumer.durable_name}"}) > ${consumer.max_ack_pending * 0.8}`);
  }
  const latency = recordingRules().find(({ record }) => record === "plumbline:objective:latency_seconds")!.expr;
  const edge = `le="${/vector\((.*)\)/.exec(latency)![1]}"`;
  const slow = recordingRules().filter(({ record }) => /:slow_/.test(record));
  expect(slow.length).toBeGreaterThan(7);
  for (const { expr } of slow) expect(expr).toContain(edge);
});

test("docs/observability.md names the objectives that the rules have", () => {
  const page = readFileSync(join(ROOT, "docs/observability.md"), "utf8");
  const of = (name: string) => {
    const { expr } = recordingRules().find(({ record }) => record === `plumbline:objective:${name}`)!;
    return Number(/^vector\((.*)\)$/.exec(expr)![1]);
  };
  const percent = (name: string) => `${Number((of(name) * 100).toFixed(3))} %`;
  expect(page).toContain(`| applications decided, or rejected for cause | ${percent("availability")} |`);
  expect(page).toContain(`| decided in time | ${percent("latency_ratio")} within ${of("latency_seconds")} s of`);
  expect(page).toContain(`| API requests answered | ${percent("api_availability")} not with 5xx |`);
  expect(page).toContain(`| API latency | p95 at most ${of("api_p95_seconds")} s |`);
});

test("docs/alert-rules.md lists what the rules say", async () => {
  const row = ({ alert, labels, annotations, for: waits }: AlertRule) => {
    const { severity, ...more } = labels;
    const kind = Object.values(more).join(" ");
    const summary = annotations.summary!.replaceAll(/\{\{ *\$(?:labels\.)?(\w+)(?: *\|[^}]*)? *\}\}/g, "*$1*");
    return `| [${alert}](runbooks/${alert}.md)${kind && ` ${kind}`} | ${severity} | ${waits} | ${summary} |`;
  };
  const text = `# Alerts

What prometheus/rules says, written by a test (\`vitest run -u\`). Conditions, with their reasons, are in those files; the
runbook of each says what to do. *Italic* is filled in. Pages want somebody now, tickets within a working day.

| alert | severity | for | says |
|---|---|---|---|
${alerts.map(row).join("\n")}
`;
  await expect(text).toMatchFileSnapshot(join(ROOT, "docs/alert-rules.md"));
});
