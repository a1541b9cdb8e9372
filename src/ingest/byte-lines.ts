/** A line of a file, or a CSV record of several lines. */
export type Line = {
  /** Of its first line, counted from 1. */
  readonly number: number;
  /** As they stand in the file, without the line feed at the end; of a line that is too long, only the beginning. */
  readonly bytes: Uint8Array;
  /** In bytes; more than `bytes.length` when the line is too long. */
  readonly length: number;
};

const LINE_FEED = 0x0a;
const BLANK = new Set([0x20, 0x09, 0x0d]);
/** The UTF-8 signature that some programs put before the first line. */
const SIGNATURE = [0xef, 0xbb, 0xbf];

/**
 * Splits a stream of bytes at its line feeds, without decoding: what is not text comes through as it is. Yields the
 * lines that each chunk completes. Of a line longer than `mostBytes` no more than that is held, so that a file without
 * line feeds doesn't fill the memory.
 */
export async function* byteLines(chunks: AsyncIterable<Uint8Array>, mostBytes: number): AsyncGenerator<Line[]> {
  let parts: Uint8Array[] = [];
  let held = 0;
  let length = 0;
  let number = 1;

  const hold = (part: Uint8Array) => {
    const room = mostBytes - held;
    if (part.length > 0 && room > 0) {
      parts.push(part.length > room ? part.subarray(0, room) : part);
      held += Math.min(part.length, room);
    }
    length += part.length;
  };
  const finish = (): Line => {
    const line = { number, bytes: parts.length === 1 ? parts[0]! : Buffer.concat(parts), length };
    parts = [];
    held = 0;
    length = 0;
    number++;
    return line;
  };

  for await (const chunk of chunks) {
    const lines: Line[] = [];
    let from = 0;
    for (let to = chunk.indexOf(LINE_FEED); to !== -1; to = chunk.indexOf(LINE_FEED, from)) {
      hold(chunk.subarray(from, to));
      lines.push(finish());
      from = to + 1;
    }
    hold(chunk.subarray(from));
    yield lines;
  }
  if (length > 0) yield [finish()];
}

/** Takes the signature off a file's first line: JSON doesn't allow it, and a CSV header's first name would begin with it. */
export async function* withoutSignature(batches: AsyncIterable<Line[]>): AsyncGenerator<Line[]> {
  for await (const [first, ...rest] of batches) {
    if (first === undefined) continue;
    const signed = first.number === 1 && SIGNATURE.every((byte, index) => first.bytes[index] === byte);
    yield [
      signed
        ? { ...first, bytes: first.bytes.subarray(SIGNATURE.length), length: first.length - SIGNATURE.length }
        : first,
      ...rest,
    ];
  }
}

/** Whether a line holds nothing but white space. */
export function isBlank({ bytes, length }: Line): boolean {
  return length === bytes.length && bytes.every((byte) => BLANK.has(byte));
}
