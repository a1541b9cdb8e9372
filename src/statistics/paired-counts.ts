/**
 * Checks that two lists count the same k cells (bins, groups or categories), as every comparison of them relies on.
 * @returns the two totals.
 * @throws RangeError when the lengths differ or a count is not a finite number from 0 up.
 */
export function pairedTotals(reference: ArrayLike<number>, current: ArrayLike<number>): [number, number] {
  if (reference.length !== current.length) {
    throw new RangeError(`The reference has ${reference.length} counts but the window has ${current.length}.`);
  }
  return [totalOf(reference), totalOf(current)];
}

function totalOf(counts: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < counts.length; i += 1) {
    const count = counts[i]!;
    if (!(count >= 0 && count < Number.POSITIVE_INFINITY)) {
      throw new RangeError(`Count ${i} is not a number from 0 up.`);
    }
    total += count;
  }
  return total;
}
