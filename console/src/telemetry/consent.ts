import { createStore } from "../store.ts";

/** Whether this page may measure itself. Nothing is loaded, let alone sent, before somebody says yes. */
export type Consent = "unasked" | "given" | "refused";

const KEY = "plumbline-telemetry";

export const consent = createStore<Consent>("unasked");

type Telemetry = typeof import("./faro.ts");
let running: Promise<Telemetry> | undefined;

/** Goes on as was agreed to on an earlier visit. */
export function startTelemetry(): void {
  const kept = localStorage.getItem(KEY);
  if (kept === "given" || kept === "refused") consent.set(kept);
  if (kept === "given") void run();
}

export function allowTelemetry(isAllowed: boolean): void {
  localStorage.setItem(KEY, isAllowed ? "given" : "refused");
  consent.set(isAllowed ? "given" : "refused");
  if (isAllowed) void run();
  else void running?.then(({ stopFaro }) => stopFaro());
}

async function run(): Promise<void> {
  running ??= import("./faro.ts");
  const { startFaro } = await running;
  // It may have been withdrawn while the library was loading.
  if (consent.get() === "given") startFaro();
}
