/** Faults run at about a twentieth of their amount, in full with FAULTS=full. */
export const isFull = process.env.FAULTS === "full";

export function scaled(full: number, fraction = 20): number {
  return isFull ? full : Math.max(1, Math.round(full / fraction));
}
