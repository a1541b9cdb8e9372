import { messageOf } from "../../platform/errors.ts";
import type { Logger } from "../../platform/log.ts";
import type { Database } from "../../platform/postgres.ts";

/** A request that was answered. */
export type Use = {
  /** The route's pattern, never the path, which has ids in it; "" for a path that no route has. */
  readonly route: string;
  readonly method: string;
  readonly status: number;
  /** "" for requests without a valid token. */
  readonly tokenName: string;
  readonly seconds: number;
};

export type ApiUsage = { note(use: Use): void; stop(): Promise<void> };

type Sum = { readonly minute: number; readonly use: Use; requests: number; seconds: number };

const MINUTE_MS = 60_000;
const PERIOD_MS = 10_000;
/** While the database is away; what comes on top is added to nothing. */
const MOST_SUMS = 20_000;

/** Counts requests by minute, route, method, status and token, and adds the counts to `api_usage` every ten seconds and when stopped. */
export function countUsage(database: Database, log: Logger): ApiUsage {
  let sums = new Map<string, Sum>();
  let writing: Promise<void> = Promise.resolve();

  function add(minute: number, use: Use, requests: number, seconds: number): void {
    const key = [minute, use.route, use.method, use.status, use.tokenName].join("\n");
    const sum = sums.get(key);
    if (sum !== undefined) {
      sum.requests += requests;
      sum.seconds += seconds;
    } else if (sums.size < MOST_SUMS) sums.set(key, { minute, use, requests, seconds });
  }

  async function write(): Promise<void> {
    if (sums.size === 0) return;
    const taken = [...sums.values()];
    sums = new Map();
    try {
      await writeSums(database, taken);
    } catch (error) {
      log.warn({ error: messageOf(error) }, "can't write api_usage, trying again");
      for (const { minute, use, requests, seconds } of taken) add(minute, use, requests, seconds);
    }
  }

  const timer = setInterval(() => {
    writing = writing.then(write);
  }, PERIOD_MS);
  return {
    note: (use) => add(Math.floor(Date.now() / MINUTE_MS), use, 1, use.seconds),
    async stop() {
      clearInterval(timer);
      await writing;
      await write();
    },
  };
}

// Sorted, so that two gateways that add to the same rows don't deadlock.
const ADD = `
  insert into public.api_usage (minute, route, method, status, token_name, requests, seconds)
  select * from unnest($1::timestamptz[], $2::text[], $3::text[], $4::int[], $5::text[], $6::bigint[], $7::float8[])
  order by 1, 2, 3, 4, 5
  on conflict (minute, route, method, status, token_name) do update
  set requests = api_usage.requests + excluded.requests, seconds = api_usage.seconds + excluded.seconds`;

async function writeSums(database: Database, sums: readonly Sum[]): Promise<void> {
  await database.query(ADD, [
    sums.map(({ minute }) => new Date(minute * MINUTE_MS)),
    sums.map(({ use }) => use.route),
    sums.map(({ use }) => use.method),
    sums.map(({ use }) => use.status),
    sums.map(({ use }) => use.tokenName),
    sums.map(({ requests }) => requests),
    sums.map(({ seconds }) => seconds),
  ]);
}
