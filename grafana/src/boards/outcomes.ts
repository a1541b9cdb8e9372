import { COLOUR } from "../style.ts";

/** One colour for each outcome of an application, wherever it is drawn. */
export const OUTCOME_COLOURS = {
  scored: COLOUR.good,
  duplicate: COLOUR.neutral,
  retried: COLOUR.warning,
  dead_lettered: COLOUR.critical,
};
