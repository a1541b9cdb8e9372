/** Deep enough for any application; PostgreSQL's JSON parser gives up a few thousand levels down. */
const MAX_DEPTH = 32;

/**
 * The first thing in a JSON value that PostgreSQL would refuse or that no computation may meet (NUL, half a surrogate
 * pair, a number that is not finite, deep nesting), as a sentence without the value; undefined when there is none.
 */
export function unstorable(root: unknown): string | undefined {
  const open: { readonly value: unknown; readonly depth: number }[] = [{ value: root, depth: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, depth } = next;
    if (typeof value === "string") {
      if (isBadText(value)) return "a text in the event has NUL or half a surrogate pair; remove it";
    } else if (typeof value === "number") {
      if (!Number.isFinite(value)) return "a number in the event is not finite";
    } else if (typeof value === "object" && value !== null) {
      if (depth >= MAX_DEPTH) return `the event is nested more than ${MAX_DEPTH} levels deep`;
      for (const [key, member] of Object.entries(value)) {
        if (isBadText(key)) return "a field name in the event has NUL or half a surrogate pair; remove it";
        open.push({ value: member, depth: depth + 1 });
      }
    }
  }
  return undefined;
}

function isBadText(text: string): boolean {
  return text.includes("\0") || !text.isWellFormed();
}
