import { createStore } from "../store.ts";

/** The colours of plots, which are drawn on a canvas and so can't follow the style sheet by themselves. */
export type Palette = Readonly<Record<keyof typeof NAMES, string>>;

const NAMES = {
  ink: "--ink",
  soft: "--soft",
  edge: "--edge",
  panel: "--panel",
  current: "--current",
  second: "--second",
  reference: "--reference",
  warning: "--warning",
  critical: "--critical",
  approve: "--approve",
  refer: "--refer",
  decline: "--decline",
} as const;

const KEY = "plumbline-theme";
const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];
export { THEMES };

export const theme = createStore<Theme>("system");
export const palette = createStore<Palette>(readPalette());

/** Applies the kept choice and follows the system's where there is none. */
export function startTheme(): void {
  const kept = localStorage.getItem(KEY);
  chooseTheme(THEMES.find((known) => known === kept) ?? "system");
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => palette.set(readPalette()));
}

export function chooseTheme(chosen: Theme): void {
  if (chosen === "system") {
    delete document.documentElement.dataset.theme;
    localStorage.removeItem(KEY);
  } else {
    document.documentElement.dataset.theme = chosen;
    localStorage.setItem(KEY, chosen);
  }
  theme.set(chosen);
  palette.set(readPalette());
}

function readPalette(): Palette {
  const style = getComputedStyle(document.documentElement);
  const read = Object.entries(NAMES).map(([name, variable]) => [name, style.getPropertyValue(variable).trim()]);
  return Object.fromEntries(read) as Palette;
}
