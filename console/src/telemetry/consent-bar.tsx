import { useStore } from "../use-store.ts";
import { allowTelemetry, consent } from "./consent.ts";

/** Asks once; both answers are one click, and the session's page changes them. */
export function ConsentBar() {
  if (useStore(consent) !== "unasked") return null;
  return (
    <aside class="consent" aria-label="Consent to measurements">
      <p>
        May this page measure how fast it is and which faults it meets? That goes to its own gateway alone, without any
        application, id or name.
      </p>
      <div>
        <button type="button" class="button" onClick={() => allowTelemetry(true)}>
          Allow
        </button>
        <button type="button" class="button" onClick={() => allowTelemetry(false)}>
          Don't allow
        </button>
      </div>
    </aside>
  );
}
