import type { Decision } from "../../../src/contracts/score.ts";
import type { Tone } from "../health.ts";

/** A shape of its own for each tone, so that colour never stands alone. */
export function ToneShape({ tone }: { readonly tone: Tone }) {
  return (
    <svg class="shape" viewBox="0 0 16 16" aria-hidden="true">
      {tone === "good" && <path class="stroke" d="M3 8.5 6.5 12 13 4.5" />}
      {tone === "warning" && <path class="fill" d="M8 1.5 15.2 14H.8z" />}
      {tone === "critical" && <path class="fill" d="M8 .5 15.5 8 8 15.5.5 8z" />}
      {tone === "unknown" && <circle class="stroke dashed" cx="8" cy="8" r="5.5" />}
    </svg>
  );
}

/** Full, half and outlined: told apart without colour. */
export function DecisionShape({ decision }: { readonly decision: Decision }) {
  return (
    <svg class={`shape ${decision}`} viewBox="0 0 16 16" aria-hidden="true">
      {decision === "approve" && <circle class="fill" cx="8" cy="8" r="6" />}
      {decision === "refer" && (
        <>
          <circle class="stroke" cx="8" cy="8" r="5" />
          <path class="fill" d="M8 3a5 5 0 0 0 0 10z" />
        </>
      )}
      {decision === "decline" && <rect class="fill" x="2.5" y="2.5" width="11" height="11" rx="1.5" />}
    </svg>
  );
}

/** How far the bob may swing. */
const WIDEST_DEGREES = 24;

/**
 * A plumb line beside the vertical: it leans as far as the drift score says (0 to 1). Null hangs limp: nothing is known.
 */
export function PlumbLine({ lean, tone }: { readonly lean: number | null; readonly tone: Tone }) {
  const degrees = lean === null ? 0 : -Math.min(1, Math.max(0, lean)) * WIDEST_DEGREES;
  return (
    <svg class={`plumb-line ${tone}`} viewBox="0 0 48 64" aria-hidden="true">
      <path class="frame" d="M12 3h30" />
      <path class="vertical" d="M27 3v58" />
      <g class="bob" style={{ transform: `rotate(${degrees}deg)` }}>
        <path class="string" d="M27 3v36" />
        <path class="weight" d="M20.5 38.5h13l-1.5 7-5 12.5-5-12.5z" />
      </g>
    </svg>
  );
}

export function BrandMark() {
  return (
    <svg class="brand-mark" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="7" />
      <path d="M16 5v12" stroke-width="2" stroke-linecap="round" />
      <path d="M11.5 16.5h9l-1 4.5L16 28l-3.5-7z" stroke="none" />
    </svg>
  );
}

/** Icons of buttons; what they do is said in words beside or behind them. */
const ICONS = {
  pause: "M5 3.5h2v9H5zM9 3.5h2v9H9z",
  play: "M5 3l8 5-8 5z",
  arrow: "M6 3.5 10.5 8 6 12.5",
  out: "M6.5 3.5H12.5V9.5M12.5 3.5 4 12",
  back: "M10 3.5 5.5 8 10 12.5",
  find: "M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10zm3.6-1.4L14 14",
  again: "M13 8a5 5 0 1 1-1.6-3.7M13 2v3h-3",
  person: "M8 8a2.8 2.8 0 1 0 0-5.6A2.8 2.8 0 0 0 8 8zm-5.5 6c.5-3 2.7-4.2 5.5-4.2s5 1.2 5.5 4.2",
} as const;

export function Icon({ name }: { readonly name: keyof typeof ICONS }) {
  const isFilled = name === "pause" || name === "play";
  return (
    <svg class={`icon ${isFilled ? "filled" : ""}`} viewBox="0 0 16 16" aria-hidden="true">
      <path d={ICONS[name]} />
    </svg>
  );
}
