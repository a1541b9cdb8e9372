import { headers, type MsgHdrs } from "@nats-io/transport-node";

/** Trace context (W3C) and CloudEvents attributes travel with what comes of a message; other headers stay behind. */
const TRAVELS = /^(traceparent|tracestate|ce-[a-z0-9]+)$/i;

/**
 * In bytes, names and values. The broker refuses more than 64 KiB of headers, and they count towards its payload limit:
 * without a bound a sender could make a message of ours that can never be published.
 */
const BUDGET = 4_096;

/** Copies the headers that travel, as long as they fit the budget; undefined when there is none. */
export function carriedHeaders(received: MsgHdrs | undefined): MsgHdrs | undefined {
  const carried = headers();
  let left = BUDGET;
  for (const name of received?.keys().filter((key) => TRAVELS.test(key)) ?? []) {
    const value = received!.get(name);
    const size = name.length + value.length;
    // Cut off it would say something else, so one that doesn't fit stays behind.
    if (size > left) continue;
    left -= size;
    carried.set(name, value);
  }
  return carried.keys().length > 0 ? carried : undefined;
}
