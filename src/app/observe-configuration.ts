import { join } from "node:path";
import { OperatorError } from "../platform/errors.ts";

/** On one machine everything is watched more closely than many machines would bear. */
const EVERY = "5s";

/** prometheus.yml for a Prometheus whose rules lie in `folder`, and its targets beside its configuration. */
export function localPrometheus(text: string, folder: string): string {
  return replaced(text, {
    "scrape_interval: 15s": `scrape_interval: ${EVERY}`,
    "scrape_timeout: 10s": `scrape_timeout: ${EVERY}`,
    "evaluation_interval: 15s": `evaluation_interval: ${EVERY}`,
    "[rules/*.yml]": JSON.stringify([join(folder, "rules/*.yml")]),
  });
}

/** alertmanager.yml for an Alertmanager that tells the gateway at `gateway` alone, with the token in the file `token`. */
export function localAlertmanager(text: string, folder: string, gateway: string): string {
  return replaced(webhookAlone(text), {
    "[templates/*.tmpl]": JSON.stringify([join(folder, "templates/*.tmpl")]),
    "http://gateway:8080/": `${gateway}/`,
    "secrets/plumbline-token": "token",
  });
}

/** alertmanager.yml without the receivers that are people: for a machine that knows no addresses and keys of theirs. */
export function webhookAlone(text: string): string {
  return text.replace(/^ *# people\b.*\n(?:.*\n)*? *# end of people\n/gm, "");
}

function replaced(text: string, replacements: Readonly<Record<string, string>>): string {
  return Object.entries(replacements).reduce((result, [from, to]) => {
    const parts = result.split(from);
    if (parts.length === 2) return parts.join(to);
    throw new OperatorError(`the folder prometheus/ was changed: "${from}" is expected once in its configuration.`);
  }, text);
}
