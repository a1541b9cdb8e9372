/** What of coverage-final.json (istanbul's form, which vitest writes) is used: statements and how often each ran. */
export type FileCoverage = {
  readonly path: string;
  readonly statementMap: Readonly<
    Record<string, { readonly start: { readonly line: number; readonly column: number } }>
  >;
  readonly s: Readonly<Record<string, number>>;
};

/** What a Node.js process with NODE_V8_COVERAGE writes of one script. Offsets are UTF-16 units. */
export type ScriptCoverage = {
  readonly url: string;
  readonly functions: readonly { readonly ranges: readonly Range[] }[];
};
type Range = { readonly startOffset: number; readonly endOffset: number; readonly count: number };

/** Statements of one file, some of which have run. */
export type Statements = { readonly lines: Int32Array; readonly offsets: Int32Array; readonly ran: Uint8Array };

export function statementsOf({ statementMap, s }: FileCoverage, source: string): Statements {
  const lineStarts = [0];
  for (let at = source.indexOf("\n"); at >= 0; at = source.indexOf("\n", at + 1)) lineStarts.push(at + 1);
  const keys = Object.keys(statementMap);
  const starts = keys.map((key) => statementMap[key]!.start);
  return {
    lines: Int32Array.from(starts, ({ line }) => line),
    offsets: Int32Array.from(starts, ({ line, column }) => lineStarts[line - 1]! + column),
    ran: Uint8Array.from(keys, (key) => (s[key]! > 0 ? 1 : 0)),
  };
}

/**
 * Marks what ran in another process. Its offsets are those of the source: Node.js strips types in place. The innermost range
 * that holds a statement says whether it ran; a function without counts of blocks counts as a whole.
 */
export function addScript({ offsets, ran }: Statements, { functions }: ScriptCoverage): void {
  for (const [index, offset] of offsets.entries()) {
    if (ran[index] === 1) continue;
    let innermost: Range | undefined;
    for (const { ranges } of functions) {
      const [whole] = ranges;
      if (whole === undefined || offset < whole.startOffset || offset >= whole.endOffset) continue;
      for (const range of ranges) {
        if (offset < range.startOffset || offset >= range.endOffset) continue;
        const isNarrower =
          innermost === undefined || range.endOffset - range.startOffset <= innermost.endOffset - innermost.startOffset;
        if (isNarrower) innermost = range;
      }
    }
    if (innermost !== undefined && innermost.count > 0) ran[index] = 1;
  }
}

/** By line that holds the start of a statement, whether any of them ran. */
export function linesOf({ lines, ran }: Statements): Map<number, boolean> {
  const found = new Map<number, boolean>();
  for (const [index, line] of lines.entries()) found.set(line, (found.get(line) ?? false) || ran[index] === 1);
  return found;
}
