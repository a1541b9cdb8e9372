import type { Account } from "./judge.ts";
import type { ScorerMetrics } from "./metrics.ts";
import type { Accounted } from "./recording.ts";

/**
 * Counts a batch that is settled. What the record held already under the message's own sequence was counted when it
 * was recorded: it is a redelivery and nothing else.
 */
export function report(accounted: readonly Accounted[], metrics: ScorerMetrics): void {
  const now = Date.now();
  const counts = { scored: 0, duplicate: 0, dead_lettered: 0 };
  let redelivered = 0;
  for (const { entry, account } of accounted) {
    // A broker that was killed may count deliveries from 1 again.
    if (entry.deliveries > 1 || isRecordedBefore(account)) redelivered++;
    if (isRecordedBefore(account)) continue;
    if (account.kind === "decided") {
      counts.scored++;
      metrics.endToEnd.observe(Math.max(0, now - entry.receivedAt) / 1000);
      metrics.decided(account.decision.channel, account.decision.decision, account.decision.score);
    } else if (account.kind === "dead_letter") {
      counts.dead_lettered++;
      metrics.deadLettered(account.rejection.reason);
    } else counts.duplicate++;
  }
  metrics.settled("scored", counts.scored);
  metrics.settled("duplicate", counts.duplicate);
  metrics.settled("dead_lettered", counts.dead_lettered);
  metrics.redelivered(redelivered);
}

function isRecordedBefore(account: Account): boolean {
  return account.kind !== "repetition" && !account.isNew;
}
