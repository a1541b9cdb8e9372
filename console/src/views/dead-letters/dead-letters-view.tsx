import { useState } from "preact/hooks";
import { DEAD_LETTER_REASONS, type DeadLetterReason } from "../../../../src/contracts/dead-letter.ts";
import { readDeadLetters } from "../../api/routes.ts";
import type { DeadLetter } from "../../api/shapes.ts";
import { useLoaded } from "../../api/use-loaded.ts";
import { bytes, recent } from "../../format.ts";
import { statusReading } from "../../live/status.ts";
import { Empty, Fault, WhenLoaded } from "../../parts/states.tsx";
import { hrefOf } from "../../routing.ts";
import { useStore } from "../../use-store.ts";
import { LetterPanel } from "./letter-panel.tsx";
import { useOlderLetters } from "./use-older-letters.ts";

const PERIOD_MS = 5_000;
const PAGE = 50;

const REASON_WORDS: Readonly<Record<DeadLetterReason, string>> = {
  malformed_json: "Malformed JSON",
  schema_violation: "Schema violation",
  oversized: "Oversized",
  invalid_subject: "Invalid subject",
  id_conflict: "Id conflict",
  poison: "Poison",
};

/** Events that could not be accounted for in any other way: what is wrong with each, and publishing it again. */
export function DeadLettersView({ name }: { readonly name: string | null }) {
  const [reason, setReason] = useState<DeadLetterReason | "">("");
  const loaded = useLoaded(
    `dead letters ${reason}`,
    (signal) => readDeadLetters({ reason, limit: PAGE }, signal),
    PERIOD_MS,
  );
  return (
    <>
      <div class="view-head">
        <h1>Dead letters</h1>
        <p class="note">Kept until somebody acts, for 30 days unless set otherwise.</p>
        <div class="aside filters">
          <select
            class="field"
            aria-label="Reason"
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value as DeadLetterReason | "")}
          >
            <option value="">All reasons</option>
            {DEAD_LETTER_REASONS.map((one) => (
              <option key={one} value={one}>
                {REASON_WORDS[one]}
              </option>
            ))}
          </select>
        </div>
      </div>
      <div class={`letters ${name === null ? "" : "with-letter"}`}>
        <section class="panel" aria-label="List">
          <WhenLoaded loaded={loaded} what="dead letters" rows={8}>
            {({ items, next }) =>
              items.length === 0 ? (
                <Nothing reason={reason} />
              ) : (
                <Letters key={reason} newest={items} next={next} reason={reason} chosen={name} />
              )
            }
          </WhenLoaded>
        </section>
        {name !== null && <LetterPanel key={name} name={name} onGone={loaded.reload} />}
      </div>
    </>
  );
}

function Nothing({ reason }: { readonly reason: DeadLetterReason | "" }) {
  const { status } = useStore(statusReading);
  const others = status?.dead_letters ?? 0;
  if (reason !== "" && others > 0) return <Empty title={`None for the reason ${REASON_WORDS[reason].toLowerCase()}`} />;
  return (
    <Empty title="No dead letters">Every application that came was decided, or was one that had come before.</Empty>
  );
}

function Letters(props: {
  readonly newest: readonly DeadLetter[];
  readonly next: string | null;
  readonly reason: DeadLetterReason | "";
  readonly chosen: string | null;
}) {
  const { newest, next, reason, chosen } = props;
  const older = useOlderLetters(reason, next);
  const known = new Set(newest.map(({ name }) => name));
  const letters = [...newest, ...older.items.filter(({ name }) => !known.has(name))];
  return (
    <>
      <table class="letter-list">
        <caption class="sr-only">Dead letters, the newest first</caption>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Reason</th>
            <th scope="col">What is wrong</th>
            <th scope="col">Subject</th>
            <th scope="col" class="figure">
              Size
            </th>
            <th scope="col">Time</th>
          </tr>
        </thead>
        <tbody>
          {letters.map((letter) => (
            <tr key={letter.name} class={letter.name === chosen ? "chosen" : ""}>
              <th scope="row" class="which">
                <a
                  href={hrefOf({ view: "dead_letters", name: letter.name })}
                  aria-current={letter.name === chosen ? "true" : undefined}
                >
                  {letter.name}
                </a>
              </th>
              <td class="reason">{REASON_WORDS[letter.reason]}</td>
              <td class="error">{letter.error}</td>
              <td class="subject mono">{letter.subject}</td>
              <td class="figure size">{bytes(letter.bytes)}</td>
              <td class="when nowrap">{recent(letter.time)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {older.fault !== null && <Fault fault={older.fault} onRetry={older.load} />}
      {older.hasMore && older.fault === null && (
        <p class="more centred">
          <button type="button" class="button" disabled={older.isLoading} onClick={older.load}>
            {older.isLoading ? "Loading older ones" : "Older dead letters"}
          </button>
        </p>
      )}
    </>
  );
}
