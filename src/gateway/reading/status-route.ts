import type { Gateway } from "../server.ts";
import type { StatusBoard } from "./status.ts";

/** What a strip at the top of a page shows: health, throughput, latency, decision mix, dead letters, drift. */
export function addStatusRoute(gateway: Gateway, status: StatusBoard): void {
  gateway.get(
    "/v1/status",
    {
      config: { role: "viewer" },
      schema: {
        summary: "The state of the whole at a glance",
        description: "What could not be asked for just now is null.",
        tags: ["operations"],
        response: { 200: { type: "object", additionalProperties: true } },
      },
    },
    async () => status.read(),
  );
}
