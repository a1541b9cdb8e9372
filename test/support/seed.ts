import { randomInt } from "node:crypto";

/** FAULT_SEED, or a new one. The same seed makes the same choices; how the machine times them is another matter. */
export function chooseSeed(): number {
  const asked = process.env.FAULT_SEED;
  if (asked === undefined || asked === "") return randomInt(2 ** 31);
  const seed = Number(asked);
  if (!Number.isSafeInteger(seed)) throw new Error(`FAULT_SEED must be a whole number; it is ${asked}`);
  return seed;
}

export type Random = {
  /** A number from 0 (inclusive) to 1. */
  next(): number;
  /** A whole number from 0 (inclusive) to `below`. */
  below(below: number): number;
  pick<T>(choices: readonly T[]): T;
};

/** mulberry32: small, fast, and good enough to choose victims and loans. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
  const below = (limit: number) => Math.floor(next() * limit);
  return {
    next,
    below,
    pick(choices) {
      if (choices.length === 0) throw new Error("there is nothing to pick from");
      return choices[below(choices.length)]!;
    },
  };
}
