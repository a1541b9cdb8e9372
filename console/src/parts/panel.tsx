import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

/** A part of a view with a heading of its own. */
export function Panel(props: {
  readonly title: string;
  /** In a few words: of when, of what. */
  readonly note?: ComponentChildren;
  /** Beside the heading: filters, buttons. */
  readonly aside?: ComponentChildren;
  readonly class?: string;
  readonly children: ComponentChildren;
}) {
  const id = useId();
  return (
    <section class={`panel ${props.class ?? ""}`} aria-labelledby={id}>
      <header class="panel-head">
        <h2 id={id}>{props.title}</h2>
        {props.note !== undefined && <p class="note">{props.note}</p>}
        {props.aside !== undefined && <div class="aside">{props.aside}</div>}
      </header>
      {props.children}
    </section>
  );
}
