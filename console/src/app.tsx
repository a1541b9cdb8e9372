import { useEffect, useRef } from "preact/hooks";
import { watchStatus } from "./live/status.ts";
import type { Route } from "./routing.ts";
import { session } from "./session.ts";
import { ConnectionBanner } from "./shell/connection-banner.tsx";
import { StatusStrip } from "./shell/status-strip.tsx";
import { TopBar } from "./shell/top-bar.tsx";
import { ConsentBar } from "./telemetry/consent-bar.tsx";
import { useRoute } from "./use-route.ts";
import { useStore } from "./use-store.ts";
import { AlertsView } from "./views/alerts/alerts-view.tsx";
import { ApplicationView } from "./views/application/application-view.tsx";
import { DeadLettersView } from "./views/dead-letters/dead-letters-view.tsx";
import { DecisionsView } from "./views/decisions/decisions-view.tsx";
import { DriftView } from "./views/drift/drift-view.tsx";
import { OverviewView } from "./views/overview/overview-view.tsx";
import { SessionView } from "./views/session/session-view.tsx";
import { SignInView } from "./views/session/sign-in-view.tsx";
import { UnknownView } from "./views/session/unknown-view.tsx";

const TITLES: Readonly<Record<Route["view"], string>> = {
  overview: "Overview",
  decisions: "Decisions",
  application: "Application",
  drift: "Drift",
  alerts: "Alerts",
  dead_letters: "Dead letters",
  session: "Session",
  unknown: "Not found",
};

export function App() {
  const who = useStore(session);
  return who.kind === "signed_out" ? <SignInView reason={who.reason} /> : <Console key={who.token} />;
}

/** Everything that somebody who is signed in sees. */
function Console() {
  const route = useRoute();
  const main = useRef<HTMLElement>(null);
  const subject = route.view === "application" ? route.id : "";
  const isFirst = useRef(true);
  useEffect(() => watchStatus(), []);
  useEffect(() => {
    document.title = `${subject || TITLES[route.view]} · Plumbline`;
    if (isFirst.current) {
      isFirst.current = false;
      return;
    }
    // As a page that was loaded would: from the top, and a screen reader begins at the content.
    scrollTo(0, 0);
    main.current?.focus({ preventScroll: true });
  }, [route.view, subject]);
  return (
    <>
      <button type="button" class="skip" onClick={() => main.current?.focus()}>
        Skip to the content
      </button>
      <header class="top">
        <TopBar view={route.view} />
        <StatusStrip />
      </header>
      <ConnectionBanner />
      <main class="view" id="main" tabIndex={-1} ref={main}>
        <ViewOf route={route} />
      </main>
      <ConsentBar />
    </>
  );
}

function ViewOf({ route }: { readonly route: Route }) {
  switch (route.view) {
    case "overview":
      return <OverviewView />;
    case "decisions":
      return <DecisionsView channel={route.channel} decision={route.decision} />;
    case "application":
      return <ApplicationView key={route.id} id={route.id} />;
    case "drift":
      return <DriftView route={route} />;
    case "alerts":
      return <AlertsView filter={route.filter} open={route.open} />;
    case "dead_letters":
      return <DeadLettersView name={route.name} />;
    case "session":
      return <SessionView />;
    case "unknown":
      return <UnknownView />;
  }
}
