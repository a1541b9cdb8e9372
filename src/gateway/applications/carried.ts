import type { IncomingHttpHeaders } from "node:http";
import { headers, type MsgHdrs } from "@nats-io/transport-node";
import { carriedHeaders } from "../../platform/carried-headers.ts";

/** Trace context and CloudEvents attributes of a request, for the message that comes of it. */
export function carriedOf(received: IncomingHttpHeaders): MsgHdrs | undefined {
  const candidates = headers();
  for (const [name, value] of Object.entries(received)) {
    // Elsewhere than in HTTP a header is ASCII.
    if (typeof value === "string" && /^[\x20-\x7e]*$/.test(value)) candidates.set(name, value);
  }
  return carriedHeaders(candidates);
}
