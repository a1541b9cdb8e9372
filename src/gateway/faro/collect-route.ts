import type { Registry } from "prom-client";
import { messageOf } from "../../platform/errors.ts";
import type { Logger } from "../../platform/log.ts";
import { badRequest } from "../problem.ts";
import type { Gateway } from "../server.ts";
import { createFaroMetrics } from "./metrics.ts";
import { readTelemetry } from "./payload.ts";

export type CollectParts = {
  readonly registry: Registry;
  /** A Faro receiver (Grafana Alloy) that gets the payloads instead; undefined for none. */
  readonly forwardTo: string | undefined;
  readonly log: Logger;
};

const MOST_BYTES = 256 * 1024;
/** A page sends a few in a minute. */
const PER_SECOND_AND_ADDRESS = 20;
const FORWARD_WITHIN_MS = 5_000;
/** Payloads on their way to a receiver; one that is slow must not have them pile up here. */
const MOST_FORWARDED = 32;
/** Kinds of exceptions that a line of the log names. */
const MOST_TYPES = 5;

/**
 * Takes in what the console's pages say of themselves: web vitals and exceptions become metrics, the rest a line in the log;
 * or a receiver gets it all. The page is answered the same either way: nothing of it is worth trying again.
 */
export function addCollectRoute(gateway: Gateway, { registry, forwardTo, log }: CollectParts): void {
  const metrics = createFaroMetrics(registry);
  gateway.post(
    "/collect",
    {
      bodyLimit: MOST_BYTES,
      config: {
        role: "anyone",
        rateLimit: { max: PER_SECOND_AND_ADDRESS, timeWindow: 1_000 },
      },
      schema: {
        summary: "Telemetry of the console's pages (Grafana Faro)",
        tags: ["operations"],
        body: { type: "object", additionalProperties: true },
        response: { 202: { type: "null", description: "Taken" } },
      },
    },
    async ({ body }, reply) => {
      const telemetry = readTelemetry(body);
      if (telemetry === undefined) {
        metrics.answered("invalid");
        throw badRequest("The body isn't a payload of Grafana Faro's SDK.");
      }
      metrics.note(telemetry);
      const { logs, events, exceptions, page } = telemetry;
      // One line for all of them, and not all of their kinds: anybody may post here.
      const types = [...new Set(exceptions)].slice(0, MOST_TYPES);
      if (exceptions.length > 0) log.warn({ types, page, exceptions: exceptions.length }, "exceptions in a browser");
      if (logs + events > 0) log.debug({ logs, events }, "telemetry of a browser");
      if (forwardTo === undefined) metrics.answered("accepted");
      else void forward(forwardTo, body);
      return reply.code(202).send();
    },
  );

  let forwarded = 0;
  async function forward(url: string, body: unknown): Promise<void> {
    if (forwarded >= MOST_FORWARDED) return metrics.answered("not_forwarded");
    forwarded++;
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(FORWARD_WITHIN_MS),
      });
      await response.body?.cancel();
      metrics.answered(response.ok ? "forwarded" : "not_forwarded");
    } catch (error) {
      metrics.answered("not_forwarded");
      log.debug({ error: messageOf(error) }, "the Faro receiver can't be reached");
    } finally {
      forwarded--;
    }
  }
}
