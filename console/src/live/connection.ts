import type { Status } from "../api/shapes.ts";

export type StatusReading = {
  readonly status: Status | null;
  /** When `status` came, by this machine's clock in milliseconds; null before the first. */
  readonly readAt: number | null;
  /** Why the newest attempt failed; null while answers come. */
  readonly fault: Fault | null;
  /** Since when there has been no answer; null while answers come. */
  readonly failingSince: number | null;
};

/** HTTP status, 0 when the gateway can't be reached, and what to say. */
type Fault = { readonly status: number; readonly title: string; readonly message: string };

/** Whether what the page shows is of now. */
export type Connection =
  | { readonly kind: "connecting" }
  | { readonly kind: "live" }
  /** The newest figures are older than they should be, and nobody has said why yet. */
  | { readonly kind: "late"; readonly since: number }
  /** The gateway answers, but not with figures: what it says why. */
  | { readonly kind: "refused"; readonly since: number; readonly why: string }
  | { readonly kind: "disconnected"; readonly since: number };

/** Figures older than this are no longer called live. */
const LATE_AFTER_MS = 3_000;

/** @param now by the clock that `readAt` is of, in milliseconds */
export function connectionOf({ readAt, fault, failingSince }: StatusReading, now: number): Connection {
  if (fault !== null && failingSince !== null) {
    const since = readAt ?? failingSince;
    if (fault.status === 0) return { kind: "disconnected", since };
    return { kind: "refused", since, why: `${fault.title}: ${fault.message}` };
  }
  if (readAt === null) return { kind: "connecting" };
  return now - readAt > LATE_AFTER_MS ? { kind: "late", since: readAt } : { kind: "live" };
}
