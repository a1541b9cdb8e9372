import { Problem } from "../problem.ts";
import type { Gateway } from "../server.ts";

/** What /v1/stream says to those who ask for it as for a page. Upgrades never come here. */
export function addStreamRoute(gateway: Gateway): void {
  gateway.get(
    "/v1/stream",
    {
      config: { role: "anyone" },
      schema: {
        summary: "The stream of decisions: a WebSocket",
        description: "Its first frame has the token. docs/stream.md describes it.",
        tags: ["scores"],
      },
    },
    async (_, reply) => {
      reply.headers({ upgrade: "websocket", connection: "upgrade" });
      throw new Problem({
        status: 426,
        title: "Upgrade required",
        detail: "This is a WebSocket. Connect to it with ws:// or wss://, and send the subscribe frame first.",
      });
    },
  );
}
