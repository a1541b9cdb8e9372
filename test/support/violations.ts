/** Faults by kind, with a few examples each: a test that fails for 50,000 of them should still say so on one screen. */
export type Violations = {
  add(kind: string, example: string): void;
  /** One line per kind; empty when all is well. */
  lines(): string[];
};

const EXAMPLES = 3;

export function createViolations(): Violations {
  const found = new Map<string, { count: number; examples: string[] }>();
  return {
    add(kind, example) {
      const entry = found.get(kind) ?? { count: 0, examples: [] };
      entry.count++;
      if (entry.examples.length < EXAMPLES) entry.examples.push(example);
      found.set(kind, entry);
    },
    lines: () => [...found].map(([kind, { count, examples }]) => `${kind}: ${count} (${examples.join("; ")})`),
  };
}
