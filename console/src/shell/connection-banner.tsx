import { ago, time } from "../format.ts";
import { useClock } from "../live/clock.ts";
import { connectionOf } from "../live/connection.ts";
import { askNow, statusReading } from "../live/status.ts";
import { useStore } from "../use-store.ts";

/** Says that what is shown is no longer of now, since when, and what to do about it. */
export function ConnectionBanner() {
  const now = useClock();
  const connection = connectionOf(useStore(statusReading), now);
  if (connection.kind === "live" || connection.kind === "connecting") return null;
  const { since } = connection;
  return (
    <div class={`banner ${connection.kind === "late" ? "warning" : ""}`} role="alert">
      <div>
        <p>
          <strong>{connection.kind === "disconnected" ? "Disconnected from the gateway." : "Stale."}</strong>{" "}
          {connection.kind === "refused" ? `${connection.why} ` : ""}
          {connection.kind === "late"
            ? "No new figures have come. "
            : "It is asked again every second, and the feed goes on where it stopped. "}
          What you see is of {time(since)}, <span aria-live="off">{ago(now, since)}</span>.
        </p>
        <button type="button" class="button" onClick={askNow}>
          Try now
        </button>
      </div>
    </div>
  );
}
