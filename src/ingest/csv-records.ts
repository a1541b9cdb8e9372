import type { Line } from "./byte-lines.ts";

const QUOTE = 0x22;
const COMMA = 0x2c;
const RETURN = 0x0d;

/** Where a record stands after a line: complete, inside a quoted cell that goes on, or quoted wrongly. */
type Quoting = "complete" | "open" | "broken";

/**
 * Joins lines into CSV records (RFC 4180): a quoted cell may hold line feeds. A record whose quotes go wrong, never
 * close or hold more than `mostBytes` is given up as its first line alone, and the next record starts on the line
 * after it: one bad row doesn't swallow the file.
 */
export async function* csvRecords(batches: AsyncIterable<Line[]>, mostBytes: number): AsyncGenerator<Line[]> {
  let open: Line[] = [];
  let size = 0;
  let complete: Line[] = [];

  const add = (line: Line) => {
    const quoting = quotingAfter(line.bytes, open.length > 0);
    open.push(line);
    size += line.length + 1;
    if (quoting === "complete") {
      complete.push(open.length === 1 ? line : joined(open));
      restart();
    } else if (quoting === "broken" || size > mostBytes) giveUp();
  };
  const giveUp = () => {
    const [first, ...rest] = open;
    complete.push(first!);
    restart();
    for (const line of rest) add(line);
  };
  const restart = () => {
    open = [];
    size = 0;
  };

  for await (const batch of batches) {
    for (const line of batch) add(line);
    yield complete;
    complete = [];
  }
  while (open.length > 0) giveUp();
  yield complete;
}

function joined(lines: readonly Line[]): Line {
  const parts = lines.flatMap(({ bytes }, index) => (index === 0 ? [bytes] : [Buffer.from("\n"), bytes]));
  const bytes = Buffer.concat(parts);
  return { number: lines[0]!.number, bytes, length: bytes.length };
}

function quotingAfter(bytes: Uint8Array, startsInside: boolean): Quoting {
  let inside = startsInside;
  // The next quote that matters; a cell without any is passed over at once.
  for (let at = bytes.indexOf(QUOTE); at !== -1; at = bytes.indexOf(QUOTE, at)) {
    if (inside) {
      const next = bytes[at + 1];
      if (next === QUOTE) at += 2;
      else if (next === undefined || next === COMMA || (next === RETURN && at + 2 === bytes.length)) {
        inside = false;
        at += 1;
      } else return "broken";
    } else {
      // A quote opens a cell only at its start; elsewhere it is the parser's to complain of.
      if (at === 0 || bytes[at - 1] === COMMA) inside = true;
      at += 1;
    }
  }
  return inside ? "open" : "complete";
}
