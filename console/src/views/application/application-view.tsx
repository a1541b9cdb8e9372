import { readExplanation, readScore } from "../../api/routes.ts";
import { useLoaded } from "../../api/use-loaded.ts";
import { count } from "../../format.ts";
import { statusReading } from "../../live/status.ts";
import { Panel } from "../../parts/panel.tsx";
import { Icon } from "../../parts/shapes.tsx";
import { Empty, WhenLoaded } from "../../parts/states.tsx";
import { hrefOf } from "../../routing.ts";
import { useStore } from "../../use-store.ts";
import { AnswerPanel } from "./answer-panel.tsx";
import { ContributionsPanel } from "./contributions-panel.tsx";
import { DerivationPanel } from "./derivation-panel.tsx";
import { TimelinePanel } from "./timeline-panel.tsx";

/** All that is known of one application: what was decided, why, when, and that it comes out the same again. */
export function ApplicationView({ id }: { readonly id: string }) {
  const score = useLoaded(`score ${id}`, (signal) => readScore(id, signal));
  const explanation = useLoaded(`explanation ${id}`, (signal) => readExplanation(id, signal));
  return (
    <>
      <div class="view-head">
        <h1>
          <span class="soft">Application</span> <span class="mono">{id}</span>
        </h1>
        <a class="button aside" href={hrefOf({ view: "decisions", channel: null, decision: null })}>
          <Icon name="back" /> All decisions
        </a>
      </div>
      {score.fault?.status === 404 ? (
        <Undecided onRetry={score.reload} />
      ) : (
        <WhenLoaded loaded={score} what="the decision" rows={6}>
          {(decided) => (
            <>
              <div class="answer">
                <AnswerPanel score={decided} />
                <TimelinePanel score={decided} />
              </div>
              {explanation.fault?.status === 409 ? (
                <Panel title="Why">
                  <Empty title="Another model decided">{explanation.fault.message}</Empty>
                </Panel>
              ) : (
                <WhenLoaded loaded={explanation} what="the explanation" rows={10}>
                  {(explained) => (
                    <>
                      <ContributionsPanel explanation={explained} />
                      <DerivationPanel explanation={explained} />
                    </>
                  )}
                </WhenLoaded>
              )}
            </>
          )}
        </WhenLoaded>
      )}
    </>
  );
}

/** An id without a decision may be on its way, refused, or mistyped; this says which to look at. */
function Undecided({ onRetry }: { readonly onRetry: () => void }) {
  const { status } = useStore(statusReading);
  const waiting = status?.pending?.applications ?? 0;
  return (
    <section class="panel">
      <Empty title="There is no decision for this id">
        Upper and lower case count.{" "}
        {waiting > 0
          ? `${count(waiting)} applications wait for theirs; it may be among them. `
          : "None waits for one now. "}
        One that can't be scored is among the <a href={hrefOf({ view: "dead_letters", name: null })}>dead letters</a>.
      </Empty>
      <p class="more centred">
        <button type="button" class="button" onClick={onRetry}>
          <Icon name="again" /> Look again
        </button>
      </p>
    </section>
  );
}
