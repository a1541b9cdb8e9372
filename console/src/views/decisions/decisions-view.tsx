import { useState } from "preact/hooks";
import { CHANNEL } from "../../../../src/contracts/application.ts";
import { DECISIONS, type Decision } from "../../../../src/contracts/score.ts";
import { count } from "../../format.ts";
import { decisionWords } from "../../parts/badge.tsx";
import { DecisionShape } from "../../parts/shapes.tsx";
import { Fault } from "../../parts/states.tsx";
import { hrefOf } from "../../routing.ts";
import { replaceAddress } from "../../use-route.ts";
import { DecisionsTable } from "./decisions-table.tsx";
import { FeedState, PauseButton } from "./feed-controls.tsx";
import { useFeed } from "./use-feed.ts";

type Filter = { readonly channel: string | null; readonly decision: Decision | null };

/** The live feed, filtered on the gateway, with the stored decisions below it. */
export function DecisionsView({ channel, decision }: Filter) {
  const shown = useFeed({ channel, decision });
  const { feed, view } = shown;
  const choose = (part: Partial<Filter>) => replaceAddress(hrefOf({ view: "decisions", channel, decision, ...part }));
  return (
    <>
      <div class="view-head">
        <h1>Decisions</h1>
        <p class="note" role="status">
          <FeedState shown={shown} />
        </p>
        <div class="aside filters">
          <DecisionChoice chosen={decision} onChoose={(chosen) => choose({ decision: chosen })} />
          <ChannelField key={channel} channel={channel} onChoose={(chosen) => choose({ channel: chosen })} />
          <PauseButton shown={shown} />
        </div>
      </div>
      <section class="panel" aria-label="Feed">
        {view.isPaused && view.held > 0 && (
          <button type="button" class="newer" onClick={() => feed?.resume()}>
            Show {count(view.held)} newer
          </button>
        )}
        {view.hasGap && (
          <p class="stale-note">
            <strong>Not all are listed here.</strong> The connection was away for longer than the broker keeps scores;
            those in between are found by their id.
          </p>
        )}
        <DecisionsTable shown={shown} emptyWords={emptyWords({ channel, decision })} />
        {view.rows.length > 0 && view.fault !== null && <Fault fault={view.fault} onRetry={() => void feed?.older()} />}
        {view.rows.length > 0 && view.fault === null && (
          <p class="more centred">
            {view.history === "end" ? (
              <span class="soft">These are all there are.</span>
            ) : (
              <button
                type="button"
                class="button"
                disabled={view.history === "loading"}
                onClick={() => void feed?.older()}
              >
                {view.history === "loading" ? "Loading older ones" : "Older decisions"}
              </button>
            )}
          </p>
        )}
      </section>
    </>
  );
}

function emptyWords({ channel, decision }: Filter): string {
  if (channel === null && decision === null) return "Publish an application, and it shows here within a moment.";
  const which = [
    decision === null ? [] : [`decided "${decisionWords(decision)}"`],
    channel === null ? [] : [`on ${channel}`],
  ];
  return `No application was ${which.flat().join(" ") || "decided"}. It shows here as soon as there is one.`;
}

function DecisionChoice(props: {
  readonly chosen: Decision | null;
  readonly onChoose: (chosen: Decision | null) => void;
}) {
  return (
    <fieldset class="choice">
      <legend class="sr-only">Which decisions</legend>
      {[null, ...DECISIONS].map((one) => (
        <label key={one} class={one ?? ""}>
          <input type="radio" name="decision" checked={props.chosen === one} onChange={() => props.onChoose(one)} />
          {one === null ? (
            "All"
          ) : (
            <>
              <DecisionShape decision={one} /> {decisionWords(one)}
            </>
          )}
        </label>
      ))}
    </fieldset>
  );
}

/** Channels are free names, so this one is typed; it filters when it is left or entered. */
function ChannelField(props: { readonly channel: string | null; readonly onChoose: (channel: string | null) => void }) {
  const [isWrong, setWrong] = useState(false);
  function take(text: string): void {
    const name = text.trim();
    const isGood = name === "" || CHANNEL.test(name);
    setWrong(!isGood);
    if (isGood && (name || null) !== props.channel) props.onChoose(name || null);
  }
  return (
    <div class="channel-field">
      <input
        class="field"
        type="search"
        aria-label="Channel"
        aria-invalid={isWrong}
        placeholder="All channels"
        defaultValue={props.channel ?? ""}
        spellcheck={false}
        autocapitalize="off"
        autocomplete="off"
        onChange={(event) => take(event.currentTarget.value)}
      />
      {isWrong && (
        <p class="find-fault" role="alert">
          A channel has 1 to 32 of a–z, 0–9, - and _.
        </p>
      )}
    </div>
  );
}
