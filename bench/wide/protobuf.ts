/** As much of Protocol Buffers' wire format as an ONNX file needs. Fields are written in the order they are given. */

const VARINT = 0;
const LENGTH_DELIMITED = 2;
const FIXED_32 = 5;

export function varintField(field: number, value: number): Buffer {
  return Buffer.concat([varint((field << 3) | VARINT), varint(value)]);
}

export function bytesField(field: number, content: string | Uint8Array): Buffer {
  const bytes = Buffer.from(content as Uint8Array);
  return Buffer.concat([varint((field << 3) | LENGTH_DELIMITED), varint(bytes.length), bytes]);
}

export function messageField(field: number, ...members: readonly Uint8Array[]): Buffer {
  return bytesField(field, Buffer.concat(members));
}

/** One repeated member of type float; all of them may be written one by one. */
export function floatField(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return Buffer.concat([varint((field << 3) | FIXED_32), bytes]);
}

/** A non-negative safe integer. */
function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  bytes.push(rest);
  return Buffer.from(bytes);
}
