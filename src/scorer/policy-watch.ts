import type { Policy } from "../models/policy.ts";
import { policyInForce } from "../models/registry.ts";
import { messageOf } from "../platform/errors.ts";
import type { Logger } from "../platform/log.ts";
import type { Database } from "../platform/postgres.ts";

export type PolicyWatch = {
  /** The policy that was last found in force. */
  current(): Policy;
  stop(): void;
};

const PERIOD_MS = 2_000;

/**
 * Reads the policy in force every two seconds, so that new thresholds decide without a restart. Beside the batches, not
 * in their way: while the database doesn't answer, the last policy stays.
 */
export function watchPolicy(database: Database, modelName: string, atStart: Policy, log: Logger): PolicyWatch {
  let policy = atStart;
  let asking = false;
  const timer = setInterval(async () => {
    if (asking) return;
    asking = true;
    try {
      const read = await policyInForce(database, modelName);
      if (read.version !== policy.version) {
        log.info({ model: modelName, policy: read.version, before: policy.version }, "another policy is in force");
      }
      policy = read;
    } catch (error) {
      log.debug({ error: messageOf(error) }, "the policy in force is unknown for the moment");
    } finally {
      asking = false;
    }
  }, PERIOD_MS);
  return { current: () => policy, stop: () => clearInterval(timer) };
}
