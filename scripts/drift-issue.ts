import type { DriftReport } from "../src/contracts/drift-report.ts";
import { renderTerminal } from "../src/drift/terminal-table.ts";

/** Where GitHub's REST API is and on whose behalf it is asked. */
export type Repository = { readonly api: string; readonly name: string; readonly token: string };

type Issue = { readonly number: number; readonly title: string; readonly html_url: string };

/** The newest verdicts that are critical: of all channels together (`*`) and of single ones. */
export function criticalVerdicts(reports: readonly DriftReport[]): DriftReport[] {
  const newest = new Map<string, DriftReport>();
  for (const report of reports) {
    if (report.status !== "judged" || report.provisional) continue;
    const known = newest.get(report.channel);
    if (known === undefined || known.window.end < report.window.end) newest.set(report.channel, report);
  }
  return [...newest.values()].filter(({ severity }) => severity === "critical");
}

/**
 * Opens an issue on critical drift, or brings the open one of the same model up to date: a run every few hours must not
 * make an issue every few hours. Returns its address.
 * @throws Error with GitHub's answer when it refuses.
 */
export async function tellOfDrift(
  repository: Repository,
  reports: readonly DriftReport[],
  runUrl: string,
): Promise<string> {
  const { name, version } = reports[0]!.model;
  const title = `Drift of ${name} ${version} is critical`;
  const body = [
    `The newest verdict on ${name} ${version} is critical. The whole report is an artefact of ${runUrl}.`,
    "",
    "```text",
    renderTerminal(reports).replaceAll("```", "'''").trimEnd(),
    "```",
    "",
    "What to do: docs/runbooks/DataDriftCritical.md. This text is replaced by each later run that is still critical.",
  ].join("\n");
  const issues = `/repos/${repository.name}/issues`;
  const open = (await ask(repository, "GET", `${issues}?state=open&labels=drift&per_page=100`)) as Issue[];
  const same = open.find((issue) => issue.title === title);
  const told =
    same === undefined
      ? await ask(repository, "POST", issues, { title, body, labels: ["drift"] })
      : await ask(repository, "PATCH", `${issues}/${same.number}`, { body });
  return (told as Issue).html_url;
}

async function ask({ api, token }: Repository, method: string, path: string, content?: object): Promise<unknown> {
  const answer = await fetch(`${api}${path}`, {
    method,
    headers: {
      accept: "application/vnd.github+json",
      authorization: `Bearer ${token}`,
      "x-github-api-version": "2022-11-28",
    },
    ...(content === undefined ? {} : { body: JSON.stringify(content) }),
    signal: AbortSignal.timeout(30_000),
  });
  if (!answer.ok) throw new Error(`GitHub refused ${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}
