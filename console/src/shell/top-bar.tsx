import { useEffect, useRef, useState } from "preact/hooks";
import { APPLICATION_ID } from "../../../src/contracts/application.ts";
import { count } from "../format.ts";
import type { Tone } from "../health.ts";
import { statusReading } from "../live/status.ts";
import { BrandMark, Icon } from "../parts/shapes.tsx";
import { ALL_ALERTS, hrefOf, type Route, type View } from "../routing.ts";
import { session } from "../session.ts";
import { useStore } from "../use-store.ts";

type Tab = {
  readonly words: string;
  readonly route: Exclude<Route, { view: "unknown" }>;
  /** Views that it stands for. */
  readonly views: readonly View[];
};

const TABS: readonly Tab[] = [
  { words: "Overview", route: { view: "overview" }, views: ["overview"] },
  {
    words: "Decisions",
    route: { view: "decisions", channel: null, decision: null },
    views: ["decisions", "application"],
  },
  { words: "Drift", route: { view: "drift", channel: null, report: null, feature: null }, views: ["drift"] },
  { words: "Alerts", route: { view: "alerts", filter: ALL_ALERTS, open: null }, views: ["alerts"] },
  { words: "Dead letters", route: { view: "dead_letters", name: null }, views: ["dead_letters"] },
];

export function TopBar({ view }: { readonly view: View }) {
  const who = useStore(session);
  const { status } = useStore(statusReading);
  const name = who.kind === "signed_in" && who.me !== null ? who.me.name : "Session";
  const deadLetters = status?.dead_letters ?? 0;
  const { page = 0, ticket = 0 } = status?.alerts?.firing ?? {};
  return (
    <div class="top-row">
      <a class="brand" href={hrefOf({ view: "overview" })}>
        <BrandMark />
        Plumbline
      </a>
      <nav class="tabs" aria-label="Views">
        {TABS.map(({ words, route, views }) => (
          <a key={words} href={hrefOf(route)} aria-current={views.includes(view) ? "page" : undefined}>
            {words}
            {route.view === "alerts" && (
              <TabNumber n={page + ticket} meaning="firing" tone={page > 0 ? "critical" : "warning"} />
            )}
            {route.view === "dead_letters" && <TabNumber n={deadLetters} meaning="waiting" tone="warning" />}
          </a>
        ))}
      </nav>
      <Find />
      <a class="who" href={hrefOf({ view: "session" })} aria-current={view === "session" ? "page" : undefined}>
        <Icon name="person" />
        <span>{name}</span>
        <b class="sr-only">Session and settings</b>
      </a>
    </div>
  );
}

function TabNumber(props: { readonly n: number; readonly meaning: string; readonly tone: Tone }) {
  if (props.n === 0) return null;
  return (
    <span class={`number ${props.tone}`}>
      {count(props.n)}
      <span class="sr-only"> {props.meaning}</span>
    </span>
  );
}

/** Opens an application by its id. */
function Find() {
  const [isWrong, setWrong] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const focus = (event: KeyboardEvent) => {
      if (event.key !== "k" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      input.current?.select();
    };
    addEventListener("keydown", focus);
    return () => removeEventListener("keydown", focus);
  }, []);
  function open(event: Event): void {
    event.preventDefault();
    const id = input.current!.value.trim();
    setWrong(!APPLICATION_ID.test(id));
    if (!APPLICATION_ID.test(id)) return;
    input.current!.value = "";
    location.hash = hrefOf({ view: "application", id });
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: the element <search> is younger than browsers in use
    <form class="find" role="search" onSubmit={open}>
      <Icon name="find" />
      <input
        ref={input}
        class="field"
        type="search"
        aria-label="Find an application by its id"
        aria-invalid={isWrong}
        aria-describedby={isWrong ? "find-fault" : undefined}
        aria-keyshortcuts="Control+K Meta+K"
        placeholder="Find by application id"
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        onInput={() => setWrong(false)}
      />
      {isWrong && (
        <p class="find-fault" id="find-fault" role="alert">
          An id has 1 to 64 letters, digits, - and _.
        </p>
      )}
    </form>
  );
}
