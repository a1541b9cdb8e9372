import type { ComponentChildren } from "preact";
import type { RequestFault } from "../api/request.ts";
import type { Loaded } from "../api/use-loaded.ts";
import { ago } from "../format.ts";
import { useClock } from "../live/clock.ts";
import { Icon } from "./shapes.tsx";

/** Nothing is there, and that is an answer: says so, and what would bring something. */
export function Empty({ title, children }: { readonly title: string; readonly children?: ComponentChildren }) {
  return (
    <div class="state empty">
      <p class="state-title">{title}</p>
      {children !== undefined && <p>{children}</p>}
    </div>
  );
}

/** The place of what is on its way, as tall as that will be. */
export function Loading({ what, rows = 3 }: { readonly what: string; readonly rows?: number }) {
  return (
    <div class="state loading" role="status">
      <span class="sr-only">Loading {what}</span>
      {Array.from({ length: rows }, (_, index) => (
        <span key={index} class="skeleton" aria-hidden="true" />
      ))}
    </div>
  );
}

export function Fault({ fault, onRetry }: { readonly fault: RequestFault; readonly onRetry?: () => void }) {
  return (
    <div class="state fault" role="alert">
      <p class="state-title">{fault.title}</p>
      <p>{fault.message}</p>
      {onRetry && (
        <button type="button" class="button" onClick={onRetry}>
          <Icon name="again" /> Try again
        </button>
      )}
    </div>
  );
}

/** Draws what was loaded, or says why not; what is old because asking again failed is marked so. */
export function WhenLoaded<Value>(props: {
  readonly loaded: Loaded<Value>;
  readonly what: string;
  readonly rows?: number;
  readonly children: (value: Value) => ComponentChildren;
}) {
  const { value, fault, readAt, reload } = props.loaded;
  if (value === null) {
    if (fault !== null) return <Fault fault={fault} onRetry={reload} />;
    return <Loading what={props.what} rows={props.rows ?? 3} />;
  }
  return (
    <>
      {fault !== null && readAt !== null && <StaleNote readAt={readAt} why={fault.title} onRetry={reload} />}
      {props.children(value)}
    </>
  );
}

function StaleNote(props: { readonly readAt: number; readonly why: string; readonly onRetry: () => void }) {
  const now = useClock();
  return (
    <p class="stale-note" role="status">
      <strong>Stale.</strong> Read {ago(now, props.readAt)}; asking again failed: {props.why.toLowerCase()}.{" "}
      <button type="button" class="link" onClick={props.onRetry}>
        Try again
      </button>
    </p>
  );
}
