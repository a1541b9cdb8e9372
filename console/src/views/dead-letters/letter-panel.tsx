import { useState } from "preact/hooks";
import { CHANNEL } from "../../../../src/contracts/application.ts";
import { RequestFault } from "../../api/request.ts";
import { readDeadLetter, requeue } from "../../api/routes.ts";
import type { DeadLetterWithPayload } from "../../api/shapes.ts";
import { useLoaded } from "../../api/use-loaded.ts";
import { bytes, moment } from "../../format.ts";
import { askNow } from "../../live/status.ts";
import { Badge } from "../../parts/badge.tsx";
import { Panel } from "../../parts/panel.tsx";
import { Icon } from "../../parts/shapes.tsx";
import { Empty, WhenLoaded } from "../../parts/states.tsx";
import { hrefOf } from "../../routing.ts";
import { session } from "../../session.ts";
import { useStore } from "../../use-store.ts";

/** One dead letter: its payload, for those who may see it, and publishing it again, for those who may. */
export function LetterPanel({ name, onGone }: { readonly name: string; readonly onGone: () => void }) {
  const who = useStore(session);
  const role = who.kind === "signed_in" ? (who.me?.role ?? null) : null;
  const loaded = useLoaded(`dead letter ${name}`, (signal) => readDeadLetter(name, signal));
  const [sequence, setSequence] = useState<number | null | undefined>(undefined);
  const close = (
    <a class="button" href={hrefOf({ view: "dead_letters", name: null })}>
      Close
    </a>
  );
  if (sequence !== undefined) {
    return (
      <Panel title={name} aside={close}>
        <div role="status">
          <Badge tone="good">Published again</Badge>
          <p>
            {sequence === null
              ? "It had been published before; what was left of it is deleted."
              : `It is number ${sequence} of the applications now. If it fails again, it comes back as a new dead letter.`}
          </p>
        </div>
      </Panel>
    );
  }
  function done(to: number | null): void {
    setSequence(to);
    onGone();
    askNow();
  }
  return (
    <Panel title={name} aside={close}>
      {loaded.fault?.status === 403 ? (
        <Empty title="The payload isn't for this token">
          It may hold personal data: it takes the role reviewer or admin. {loaded.fault.message}
        </Empty>
      ) : loaded.fault?.status === 404 ? (
        <Empty title="It is gone">It was published again, deleted, or is past its time.</Empty>
      ) : (
        <WhenLoaded loaded={loaded} what="the dead letter" rows={8}>
          {(letter) => (
            <>
              <p class="letter-error">{letter.error}</p>
              <dl class="facts">
                <dt>Subject</dt>
                <dd class="mono">{letter.subject}</dd>
                <dt>Time</dt>
                <dd>{moment(letter.time)}</dd>
                <dt>Size</dt>
                <dd>{bytes(letter.bytes)}</dd>
              </dl>
              <h3>Payload</h3>
              {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached with the keyboard */}
              <section class="payload" tabIndex={0} aria-label="Payload">
                <pre>{readable(letter.payload)}</pre>
              </section>
              {role === "admin" ? (
                <Requeue letter={letter} onDone={done} />
              ) : (
                <p class="note">Publishing it again takes the role admin.</p>
              )}
            </>
          )}
        </WhenLoaded>
      )}
    </Panel>
  );
}

/** JSON is indented; anything else is shown as it came. */
function readable(payload: string): string {
  try {
    return JSON.stringify(JSON.parse(payload), null, 2);
  } catch {
    return payload;
  }
}

function Requeue(props: {
  readonly letter: DeadLetterWithPayload;
  readonly onDone: (sequence: number | null) => void;
}) {
  const { letter, onDone } = props;
  const needsChannel = letter.reason === "invalid_subject";
  const [channel, setChannel] = useState("");
  const [isBusy, setBusy] = useState(false);
  const [fault, setFault] = useState<RequestFault | null>(null);
  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    setBusy(true);
    setFault(null);
    try {
      const { sequence } = await requeue(letter.name, channel === "" ? null : channel);
      onDone(sequence);
    } catch (error) {
      setFault(error instanceof RequestFault ? error : new RequestFault(0, "Something went wrong", String(error)));
      setBusy(false);
    }
  }
  return (
    <form class="requeue" onSubmit={submit}>
      <div>
        <label for="requeue-channel">{needsChannel ? "Channel" : "Channel, if another"}</label>
        <input
          id="requeue-channel"
          class="field"
          value={channel}
          required={needsChannel}
          pattern={CHANNEL.source}
          title="1 to 32 of a–z, 0–9, - and _"
          spellcheck={false}
          autocapitalize="off"
          autocomplete="off"
          onInput={(event) => setChannel(event.currentTarget.value)}
        />
      </div>
      <button type="submit" class="button primary" disabled={isBusy}>
        <Icon name="again" /> {isBusy ? "Publishing" : "Publish again"}
      </button>
      {fault !== null && (
        <p class="letter-fault" role="alert">
          <strong>{fault.title}.</strong> {fault.message}
        </p>
      )}
      <p class="note">
        It is published unchanged and leaves this list; the change is on record with your token's name.
      </p>
    </form>
  );
}
