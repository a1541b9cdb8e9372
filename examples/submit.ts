import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { Score } from "../client/scores.ts";

/**
 * Submits applications, a JSON object per line, and waits for the decision of each:
 * PLUMBLINE_TOKEN=… node examples/submit.ts applications.jsonl [channel]
 */

const { PLUMBLINE_URL = "http://127.0.0.1:8080", PLUMBLINE_TOKEN = "" } = process.env;
const [file = "examples/data/applications.jsonl", channel = "web"] = process.argv.slice(2);
const TRIES = 10;

/** Sends it again while the gateway asks for patience: whatever came of the first try, nothing is taken twice. */
async function submit(application: string): Promise<Response> {
  for (let tries = 1; ; tries++) {
    const answer = await fetch(`${PLUMBLINE_URL}/v1/applications?channel=${channel}&wait=2s`, {
      method: "POST",
      body: application,
      headers: { authorization: `Bearer ${PLUMBLINE_TOKEN}`, "content-type": "application/json" },
    });
    if (![429, 503].includes(answer.status) || tries === TRIES) return answer;
    await sleep(Number(answer.headers.get("retry-after") ?? 1) * 1000);
  }
}

for (const line of (await readFile(file, "utf8")).split("\n").filter((text) => text !== "")) {
  const answer = await submit(line);
  const body = await answer.json();
  if (answer.status === 200) {
    const { application_id, decision, score, reasons } = body as Score;
    console.log(`${application_id}  ${decision}  ${score.toFixed(4)}  ${reasons[0]?.text ?? ""}`.trimEnd());
  } else if (answer.status === 202) {
    const { application_id, sequence } = body as { application_id: string; sequence: number };
    console.log(`${application_id}  will be decided, sequence ${sequence}`);
  } else {
    console.error(`${answer.status}: ${(body as { detail: string }).detail}`);
    process.exitCode = 1;
  }
}
