import { moment } from "../../format.ts";
import { Panel } from "../../parts/panel.tsx";
import { chooseTheme, THEMES, theme } from "../../plots/theme.ts";
import { session, signOut } from "../../session.ts";
import { allowTelemetry, consent } from "../../telemetry/consent.ts";
import { useStore } from "../../use-store.ts";

const ROLE_WORDS = {
  viewer: "Reads everything but the payloads of dead letters.",
  publisher: "Submits applications and reads their scores.",
  reviewer: "Reads everything, the payloads of dead letters too.",
  admin: "Reads and changes everything; every change is on record.",
} as const;

/** Who this is, and what this browser keeps. */
export function SessionView() {
  const who = useStore(session);
  const chosen = useStore(theme);
  const agreed = useStore(consent);
  const me = who.kind === "signed_in" ? who.me : null;
  return (
    <>
      <h1>Session</h1>
      <div class="session">
        <Panel title="Who you are">
          <dl class="facts">
            <dt>Token</dt>
            <dd>{me?.name ?? "–"}</dd>
            <dt>Role</dt>
            <dd>
              {me?.role ?? "–"}
              {me !== null && <span class="soft"> · {ROLE_WORDS[me.role]}</span>}
            </dd>
            <dt>Good until</dt>
            <dd>{me === null ? "–" : me.expires_at === null ? "it is revoked" : moment(me.expires_at)}</dd>
          </dl>
          <button type="button" class="button" onClick={() => signOut()}>
            Sign out of this tab
          </button>
        </Panel>
        <Panel title="Appearance">
          <fieldset class="choice">
            <legend class="sr-only">Colours</legend>
            {THEMES.map((one) => (
              <label key={one}>
                <input type="radio" name="theme" checked={chosen === one} onChange={() => chooseTheme(one)} />
                {{ system: "As the system", light: "Light", dark: "Dark" }[one]}
              </label>
            ))}
          </fieldset>
        </Panel>
        <Panel title="Measurements of this page">
          <p class="prose">
            With your consent this page tells its own gateway how fast it loads and which faults it meets: no
            application, no id, nothing you type, and nobody else.
          </p>
          <fieldset class="choice">
            <legend class="sr-only">Consent to measurements</legend>
            <label>
              <input type="radio" name="consent" checked={agreed === "given"} onChange={() => allowTelemetry(true)} />
              Allowed
            </label>
            <label>
              <input type="radio" name="consent" checked={agreed !== "given"} onChange={() => allowTelemetry(false)} />
              Not allowed
            </label>
          </fieldset>
        </Panel>
      </div>
    </>
  );
}
