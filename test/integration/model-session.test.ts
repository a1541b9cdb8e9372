import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT } from "../../src/app/environment.ts";
import { type Bundle, readBundle } from "../../src/models/bundle.ts";
import { openSession, type Session } from "../../src/models/session.ts";
import { OperatorError } from "../../src/platform/errors.ts";
import { type Constant, type Node, writeModel } from "../support/onnx-writer.ts";

/** Rows with XGBoost's own answers for the shipped model. */
const GOLDEN = join(ROOT, "models/lendingclub-golden.json");
type Golden = { readonly rows: (number | null)[][]; readonly probabilities: number[] };

describe("the shipped model", () => {
  let bundle: Bundle;
  let session: Session;
  beforeAll(async () => {
    bundle = await readBundle(join(ROOT, "models/lendingclub"));
    session = await openSession(bundle.modelFile, bundle.manifest);
  });
  afterAll(() => session.release());

  it("gives the probabilities that its trainer gives", async () => {
    const { rows, probabilities } = JSON.parse(await readFile(GOLDEN, "utf8")) as Golden;
    const tensor = Float32Array.from(rows.flat(), (value) => value ?? Number.NaN);
    const answers = await session.run(tensor, rows.length);
    expect(answers).toHaveLength(107);
    for (const [row, expected] of probabilities.entries()) {
      expect(Math.abs(answers[row]! - expected), `row ${row}`).toBeLessThanOrEqual(1e-6);
    }
  });

  it("gives a row the same bits alone and in a batch of any size, or a decision could not be derived again", async () => {
    const { features } = bundle.manifest;
    const rows = 512;
    const tensor = Float32Array.from({ length: rows * features.length }, (_, at) => {
      const feature = features[at % features.length]!;
      if ((at * 7919) % 11 === 0) return Number.NaN;
      const share = ((at * 2_654_435_761) % 4_096) / 4_096;
      const typical = bundle.typicalValues[at % features.length]!;
      return feature.type === "numeric" ? typical * 3 * share : Math.floor(share * feature.categories.length);
    });
    const together = await session.run(tensor, rows);
    expect(new Set(together).size).toBeGreaterThan(300);
    for (const size of [1, 2, 17, 128, 129]) {
      for (let from = 0; from + size <= rows; from += size) {
        const part = tensor.subarray(from * features.length, (from + size) * features.length);
        expect(await session.run(part, size)).toEqual(together.slice(from, from + size));
      }
    }
  });

  it("answers several batches at the same time, each with its own rows", async () => {
    const typical = bundle.typicalValues;
    const batches = [1, 2, 3, 4].map((rows) => {
      const tensor = new Float32Array(rows * typical.length);
      for (let row = 0; row < rows; row++) tensor.set(typical, row * typical.length);
      return session.run(tensor, rows);
    });
    expect((await Promise.all(batches)).map(({ length }) => length)).toEqual([1, 2, 3, 4]);
  });
});

describe("another model", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "plumbline-model-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  type Shape = { readonly width: number; readonly nodes: readonly Node[]; readonly constants?: readonly Constant[] };
  const HALF: Constant = { name: "half", shape: [], floats: [0.5] };
  /** 1 where the input is above a half, else 0: an answer also for missing values. */
  const above = (input: string): readonly Node[] => [
    { op: "Greater", inputs: [input, "half"], output: "isAbove" },
    { op: "Cast", inputs: ["isAbove"], output: "p", integers: { to: 1 } },
  ];
  const picked = (shape: readonly number[], integers: readonly number[]): Shape => ({
    width: 2,
    nodes: [{ op: "Gather", inputs: ["x", "which"], output: "picked", integers: { axis: 1 } }, ...above("picked")],
    constants: [{ name: "which", shape, integers }],
  });

  async function open({ width, nodes, constants = [] }: Shape, onnx: object = {}, features = width): Promise<Session> {
    const file = join(folder, "model.onnx");
    await writeFile(file, writeModel({ input: "x", output: "p", width, nodes, constants: [HALF, ...constants] }));
    const feature = {
      name: "f",
      type: "numeric",
      required: true,
      min: 0,
      max: 1,
      reason: { code: "F", text: "F" },
    } as const;
    return openSession(file, {
      onnx: { file: "model.onnx", sha256: "", input: "x", output: "p", ...onnx },
      features: Array.from({ length: features }, () => feature),
    });
  }
  const INPUT = Float32Array.of(0, 1, 1, 0, 0, 1);

  it("may answer [N], [N, 1] or [N, 2], of which the manifest names the column", async () => {
    const cases: [Shape, object, number[]][] = [
      [picked([], [1]), {}, [1, 0, 1]],
      [picked([1], [1]), {}, [1, 0, 1]],
      [{ width: 2, nodes: above("x") }, {}, [1, 0, 1]],
      [{ width: 2, nodes: above("x") }, { positive_class: 1 }, [1, 0, 1]],
      [{ width: 2, nodes: above("x") }, { positive_class: 0 }, [0, 1, 0]],
    ];
    for (const [shape, onnx, expected] of cases) {
      const session = await open(shape, onnx);
      expect([...(await session.run(INPUT, 3))], JSON.stringify(onnx)).toEqual(expected);
      await session.release();
    }
  });

  const TWO: Constant = { name: "two", shape: [], floats: [2] };
  const refused: readonly [what: string, shape: Shape, reason: RegExp, onnx?: object, features?: number][] = [
    ["whose input has another name", picked([], [1]), /its inputs are x; the manifest says y/, { input: "y" }],
    ["whose output has another name", picked([], [1]), /its outputs are p; the manifest says q/, { output: "q" }],
    ["that takes fewer features", picked([], [1]), /does not fit its manifest/, {}, 3],
    ["that takes more features", picked([], [1]), /does not fit its manifest/, {}, 1],
    ["that answers [N, 3]", { width: 3, nodes: above("x") }, /must be 2 float probabilities; it is float32 \[2, 3\]/],
    ["that answers [N, 0]", picked([0], []), /must be 2 float probabilities; it is float32 \[2, 0\]/],
    ["that answers [N, 1, 1]", picked([1, 1], [0]), /must be 2 float probabilities; it is float32 \[2, 1, 1\]/],
    [
      "that answers one number for all",
      { width: 2, nodes: [{ op: "Identity", inputs: ["half"], output: "p" }] },
      /must be 2 float probabilities/,
    ],
    [
      "that answers what is no probability",
      { width: 1, nodes: [...above("x").slice(0, 1), ...doubled()], constants: [TWO] },
      /not a probability/,
    ],
    ["that answers nothing for missing values", { width: 1, nodes: [identity()] }, /not a probability/],
    ["that answers integers", { width: 1, nodes: [...above("x").slice(0, 1), castTo(7)] }, /model.onnx /],
    ["that answers doubles", { width: 1, nodes: [...above("x").slice(0, 1), castTo(11)] }, /model.onnx /],
    ["of an unknown operator", { width: 1, nodes: [{ op: "Guess", inputs: ["x"], output: "p" }] }, /cannot be loaded/],
  ];

  it.each(refused)("%s is refused with the reason", async (_, shape, reason, onnx, features) => {
    const opening = open(shape, onnx, features);
    await expect(opening).rejects.toThrow(OperatorError);
    await expect(opening).rejects.toThrow(reason);
  });

  it("that is none, or isn't there, is refused with the reason", async () => {
    const onnx = { file: "model.onnx", sha256: "", input: "x", output: "p" } as const;
    await writeFile(join(folder, "text.onnx"), "no model");
    for (const name of ["text.onnx", "missing.onnx"]) {
      const opening = openSession(join(folder, name), { onnx, features: [] });
      await expect(opening).rejects.toThrow(OperatorError);
      await expect(opening).rejects.toThrow(`${join(folder, name)} cannot be loaded: `);
    }
  });

  function identity(): Node {
    return { op: "Identity", inputs: ["x"], output: "p" };
  }
  function castTo(type: number): Node {
    return { op: "Cast", inputs: ["isAbove"], output: "p", integers: { to: type } };
  }
  /** 2 for everything. */
  function doubled(): Node[] {
    return [
      { op: "Cast", inputs: ["isAbove"], output: "asFloat", integers: { to: 1 } },
      { op: "Add", inputs: ["asFloat", "two"], output: "p" },
    ];
  }
});
