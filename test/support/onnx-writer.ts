/**
 * Writes small ONNX models, so that tests have models that fail as they need it. Field numbers are those of onnx.proto
 * (github.com/onnx/onnx, release 1.16): enough of it for graphs of plain operators and constants.
 */

export type Node = {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly integers?: Readonly<Record<string, number>>;
};

export type Constant =
  | { readonly name: string; readonly shape: readonly number[]; readonly floats: readonly number[] }
  | { readonly name: string; readonly shape: readonly number[]; readonly integers: readonly number[] };

/** One float input [N, width] and one float output [N]. */
export type Graph = {
  readonly input: string;
  readonly width: number;
  readonly output: string;
  readonly nodes: readonly Node[];
  readonly constants: readonly Constant[];
};

const FLOAT = 1;
const INT64 = 7;
const ATTRIBUTE_INT = 2;
const IR_VERSION = 8;
const OPSET = 17;

/** ModelProto of a graph. */
export function writeModel(graph: Graph): Buffer {
  return message([integer(1, IR_VERSION), bytes(7, writeGraph(graph)), bytes(8, message([integer(2, OPSET)]))]);
}

function writeGraph({ input, width, output, nodes, constants }: Graph): Buffer {
  return message([
    ...nodes.map((node) => bytes(1, writeNode(node))),
    bytes(2, "graph"),
    ...constants.map((constant) => bytes(5, writeTensor(constant))),
    bytes(11, writeValueInfo(input, ["N", width])),
    bytes(12, writeValueInfo(output, ["N"])),
  ]);
}

function writeNode({ op, inputs, output, integers = {} }: Node): Buffer {
  const attributes = Object.entries(integers).map(([name, value]) =>
    bytes(5, message([bytes(1, name), integer(3, value), integer(20, ATTRIBUTE_INT)])),
  );
  return message([...inputs.map((name) => bytes(1, name)), bytes(2, output), bytes(4, op), ...attributes]);
}

function writeTensor(constant: Constant): Buffer {
  const isFloat = "floats" in constant;
  const raw = isFloat
    ? Buffer.from(Float32Array.from(constant.floats).buffer)
    : Buffer.from(BigInt64Array.from(constant.integers, BigInt).buffer);
  const dimensions = constant.shape.map((size) => integer(1, size));
  return message([...dimensions, integer(2, isFloat ? FLOAT : INT64), bytes(8, constant.name), bytes(9, raw)]);
}

function writeValueInfo(name: string, shape: readonly (number | string)[]): Buffer {
  const dimensions = shape.map((size) =>
    bytes(1, message([typeof size === "number" ? integer(1, size) : bytes(2, size)])),
  );
  const tensor = message([integer(1, FLOAT), bytes(2, message(dimensions))]);
  return message([bytes(1, name), bytes(2, message([bytes(1, tensor)]))]);
}

/** Protocol buffers: a field is its number and wire type, then a varint (type 0) or a length and bytes (type 2). */
function message(fields: readonly Buffer[]): Buffer {
  return Buffer.concat(fields);
}

function integer(field: number, value: number): Buffer {
  return Buffer.concat([varint(field << 3), varint(value)]);
}

function bytes(field: number, content: string | Buffer): Buffer {
  const data = Buffer.from(content);
  return Buffer.concat([varint((field << 3) | 2), varint(data.length), data]);
}

function varint(value: number): Buffer {
  const groups: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) groups.push((rest % 128) | 0x80);
  return Buffer.from([...groups, rest]);
}
