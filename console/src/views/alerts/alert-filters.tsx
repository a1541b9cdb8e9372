import { ALERT_SEVERITIES, ALERT_STATUSES, type Alert, type AlertSeverity } from "../../../../src/contracts/alert.ts";
import { alertTone, alertWords } from "../../health.ts";
import { ToneShape } from "../../parts/shapes.tsx";
import type { AlertFilter } from "../../routing.ts";

const STATUS_WORDS = { firing: "Firing", resolved: "Resolved" } as const;

export function AlertFilters(props: {
  readonly filter: AlertFilter;
  /** Their names are offered. */
  readonly known: readonly Alert[];
  readonly onChoose: (part: Partial<AlertFilter>) => void;
}) {
  const { filter, known, onChoose } = props;
  const names = [...new Set(known.map(({ name }) => name))].sort();
  return (
    <>
      <fieldset class="choice">
        <legend class="sr-only">Status</legend>
        {[null, ...ALERT_STATUSES].map((one) => (
          <label key={one}>
            <input
              type="radio"
              name="status"
              checked={filter.status === one}
              onChange={() => onChoose({ status: one })}
            />
            {one === null ? "All" : STATUS_WORDS[one]}
          </label>
        ))}
      </fieldset>
      <fieldset class="choice">
        <legend class="sr-only">Severity</legend>
        {[null, ...ALERT_SEVERITIES].map((one: AlertSeverity | null) => (
          <label key={one} class={one === null ? "" : alertTone(one)}>
            <input
              type="radio"
              name="severity"
              checked={filter.severity === one}
              onChange={() => onChoose({ severity: one })}
            />
            {one === null ? (
              "Any"
            ) : (
              <>
                <ToneShape tone={alertTone(one)} /> {alertWords(one)}
              </>
            )}
          </label>
        ))}
      </fieldset>
      <input
        key={filter.name}
        class="field name"
        type="search"
        aria-label="Name"
        placeholder="Any name"
        list="alert-names"
        defaultValue={filter.name ?? ""}
        maxLength={256}
        spellcheck={false}
        autocapitalize="off"
        autocomplete="off"
        onChange={(event) => onChoose({ name: event.currentTarget.value.trim() || null })}
      />
      <datalist id="alert-names">
        {names.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </>
  );
}
