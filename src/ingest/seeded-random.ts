/** Random numbers that a seed repeats exactly, on any machine. Not for secrets. */
export type SeededRandom = {
  /** Uniform in [0, 1), in steps of 2⁻³². */
  uniform(): number;
  /** Standard normal. */
  normal(): number;
};

/** Chris Doty-Humphrey's sfc32 (PractRand): small, fast, and it passes the known batteries of tests. */
export function createSeededRandom(seed: number): SeededRandom {
  let a = 0;
  let b = seed | 0;
  let c = Math.trunc(seed / 2 ** 32) | 0;
  let counter = 1;
  let spare: number | undefined;

  function uniform(): number {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  }

  /** The polar method of Marsaglia and Bray (SIAM Review 6, 1964), which makes two at a time. */
  function normal(): number {
    if (spare !== undefined) {
      const kept = spare;
      spare = undefined;
      return kept;
    }
    for (;;) {
      const x = 2 * uniform() - 1;
      const y = 2 * uniform() - 1;
      const square = x * x + y * y;
      if (square >= 1 || square === 0) continue;
      const factor = Math.sqrt((-2 * Math.log(square)) / square);
      spare = y * factor;
      return x * factor;
    }
  }

  // Close seeds start in close states: the rounds that its author prescribes part them.
  for (let round = 0; round < 15; round += 1) uniform();
  return { uniform, normal };
}
