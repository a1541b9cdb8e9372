/**
 * PostgreSQL arrays in the binary wire format (array_send in the server's source). The `pg` driver writes arrays as
 * text, where every quote of every JSON document is escaped here and unescaped there; as buffers a batch's columns
 * reach the server as they are.
 */

const OID = { int8: 20, text: 25, float8: 701, timestamptz: 1184 } as const;
const HEADER_BYTES = 20;
const LENGTH_BYTES = 4;
const NULL_LENGTH = -1;
/** PostgreSQL counts time from here, in microseconds. */
const EPOCH_2000_MS = 946_684_800_000;

/** A text[]; null and undefined are SQL nulls. Bytes must be valid UTF-8 without NUL. */
export function textArray(values: readonly (string | Uint8Array | null | undefined)[]): Buffer {
  let size = HEADER_BYTES;
  for (const value of values) size += LENGTH_BYTES + byteLength(value);
  const buffer = Buffer.allocUnsafe(size);
  let at = writeHeader(buffer, OID.text, values.length, true);
  for (const value of values) {
    if (value === null || value === undefined) {
      at = buffer.writeInt32BE(NULL_LENGTH, at);
    } else if (typeof value === "string") {
      const written = buffer.write(value, at + LENGTH_BYTES);
      buffer.writeInt32BE(written, at);
      at += LENGTH_BYTES + written;
    } else {
      at = buffer.writeInt32BE(value.length, at);
      buffer.set(value, at);
      at += value.length;
    }
  }
  return buffer;
}

/** An int8[]; the numbers must be safe integers; null is an SQL null. */
export function bigintArray(values: readonly (number | null)[]): Buffer {
  return eightByteArray(OID.int8, values, (buffer, value, at) => buffer.writeBigInt64BE(BigInt(value), at));
}

/** A float8[] that keeps every bit; null is an SQL null. */
export function doubleArray(values: readonly (number | null)[]): Buffer {
  return eightByteArray(OID.float8, values, (buffer, value, at) => buffer.writeDoubleBE(value, at));
}

/** A timestamptz[] from milliseconds since 1970; null is an SQL null. */
export function timestampArray(values: readonly (number | null)[]): Buffer {
  return eightByteArray(OID.timestamptz, values, (buffer, value, at) =>
    buffer.writeBigInt64BE(BigInt(value - EPOCH_2000_MS) * 1000n, at),
  );
}

function eightByteArray(
  oid: number,
  values: readonly (number | null)[],
  write: (buffer: Buffer, value: number, at: number) => void,
): Buffer {
  const nulls = values.reduce<number>((count, value) => (value === null ? count + 1 : count), 0);
  const buffer = Buffer.allocUnsafe(HEADER_BYTES + values.length * (LENGTH_BYTES + 8) - nulls * 8);
  let at = writeHeader(buffer, oid, values.length, nulls > 0);
  for (const value of values) {
    if (value === null) {
      at = buffer.writeInt32BE(NULL_LENGTH, at);
    } else {
      at = buffer.writeInt32BE(8, at);
      write(buffer, value, at);
      at += 8;
    }
  }
  return buffer;
}

function writeHeader(buffer: Buffer, oid: number, length: number, nulls: boolean): number {
  let at = buffer.writeInt32BE(1, 0); // dimensions
  at = buffer.writeInt32BE(nulls ? 1 : 0, at);
  at = buffer.writeInt32BE(oid, at);
  at = buffer.writeInt32BE(length, at);
  return buffer.writeInt32BE(1, at); // lower bound
}

function byteLength(value: string | Uint8Array | null | undefined): number {
  if (value === null || value === undefined) return 0;
  return typeof value === "string" ? Buffer.byteLength(value) : value.length;
}
