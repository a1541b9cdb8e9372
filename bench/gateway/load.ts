import { readBodies } from "../applications.ts";
import { type Connection, openConnection } from "./connection.ts";

/**
 * A process that posts to a gateway at a fixed rate. Open loop: a request is due at its time whether or not the ones before
 * it have been answered, and its latency counts from that time, even when this process was late to send it.
 */

export type PostPlan = {
  readonly url: string;
  readonly token: string;
  readonly path: string;
  readonly bodiesFile: string;
  readonly prefix: string;
  /** Requests per second, evenly spaced. */
  readonly rate: number;
  /** Applications in each; 1 is a single one, not a list. */
  readonly applications: number;
  readonly warmUpSeconds: number;
  readonly seconds: number;
};

export type PostResult = {
  /** Per request in milliseconds, from when it was due to its whole answer; the warm-up is left out. */
  readonly latenciesMs: Float64Array;
  /** By how many milliseconds this process itself was late, per request. */
  readonly latenessMs: Float64Array;
  /** Requests answered per second, from when the first was due to the last answer. */
  readonly achievedRate: number;
  /** How many answers had each status; 0 is no answer. */
  readonly statuses: Readonly<Record<number, number>>;
};

const MOST_CONNECTIONS = 200;

const result = await runPosts(JSON.parse(process.argv[2]!) as PostPlan);
process.send!(result, () => process.exit());

async function runPosts(plan: PostPlan): Promise<PostResult> {
  const { url, token, path, bodiesFile, prefix, rate, applications } = plan;
  const bodies = await readBodies(bodiesFile);
  const { hostname, port, host } = new URL(url);
  const head = `POST ${path} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\n`;
  const warmUp = Math.round(rate * plan.warmUpSeconds);
  const total = warmUp + Math.round(rate * plan.seconds);
  const latencies = new Float64Array(total).fill(Number.NaN);
  const lateness = new Float64Array(total);
  const statuses: Record<number, number> = {};
  const idle: Connection[] = [];
  const queue: number[] = [];
  let connections = 0;
  let open = 0;

  const application = (number: number) => `{"application_id":"${prefix}-${number}"${bodies[number % bodies.length]}`;
  const textOf = (number: number) => {
    const list = Array.from({ length: applications }, (_, index) => application(number * applications + index));
    const body = applications === 1 ? list[0]! : `[${list.join(",")}]`;
    return `${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
  };

  async function post(number: number): Promise<void> {
    open++;
    let connection = idle.pop();
    try {
      if (connection === undefined) {
        connections++;
        connection = await openConnection(hostname, Number(port));
      }
      const status = await connection.request(textOf(number));
      note(number, status);
      idle.push(connection);
    } catch {
      connections--;
      note(number, 0);
    }
    open--;
    const next = queue.shift();
    if (next !== undefined) void post(next);
  }

  function note(number: number, status: number): void {
    latencies[number] = performance.now() - dueAt(number);
    if (number >= warmUp) statuses[status] = (statuses[status] ?? 0) + 1;
  }

  const start = performance.now() + 100;
  const dueAt = (number: number) => start + (number * 1000) / rate;
  for (let next = 0; next < total; ) {
    const now = performance.now();
    for (; next < total && dueAt(next) <= now; next++) {
      lateness[next] = now - dueAt(next);
      if (idle.length > 0 || connections < MOST_CONNECTIONS) void post(next);
      else queue.push(next);
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  while (open > 0 || queue.length > 0) await new Promise((resolve) => setTimeout(resolve, 1));
  const elapsedMs = performance.now() - start;
  for (const connection of idle) connection.close();
  return {
    latenciesMs: latencies.subarray(warmUp),
    latenessMs: lateness.subarray(warmUp),
    achievedRate: (total * 1000) / elapsedMs,
    statuses,
  };
}
