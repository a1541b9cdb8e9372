import type { Logger } from "../src/platform/log.ts";
import type { Bodies } from "./applications.ts";
import type { Scale } from "./scale.ts";
import type { Servers } from "./servers.ts";

/** What measurements share. */
export type Bench = {
  readonly servers: Servers;
  readonly scale: Scale;
  readonly log: Logger;
  readonly signal: AbortSignal;
};

/** A model and applications for it. */
export type Subject = { readonly bundle: string; readonly bodies: Bodies };
