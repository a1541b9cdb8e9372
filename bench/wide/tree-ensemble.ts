import { bytesField, floatField, messageField, varintField } from "./protobuf.ts";

/** A node of a decision tree: goes to `below` when the feature is under the threshold, else to `above`. */
export type TreeNode = Leaf | Branch;
type Leaf = { readonly weight: number };
type Branch = {
  readonly feature: number;
  readonly threshold: number;
  readonly below: TreeNode;
  readonly above: TreeNode;
  readonly missingGoesBelow: boolean;
};

/** AttributeProto.AttributeType and TensorProto.DataType in onnx.proto. */
const TYPE = { int: 2, floats: 6, ints: 7, strings: 8 } as const;
const FLOAT_TENSOR = 1;
const IR_VERSION = 8;

/**
 * The bytes of an ONNX model: a TreeEnsembleRegressor of the ONNX-ML operators and a Sigmoid, from `input` [N, width]
 * to `probability` [N, 1], the logistic function of `base` plus the weights of the leaves that a row reaches.
 */
export function writeTreeEnsemble(trees: readonly TreeNode[], width: number, base: number): Buffer {
  const table = flatten(trees);
  const ensemble = messageField(
    1,
    bytesField(1, "input"),
    bytesField(2, "log_odds"),
    bytesField(4, "TreeEnsembleRegressor"),
    ints("nodes_treeids", table.treeIds),
    ints("nodes_nodeids", table.nodeIds),
    ints("nodes_featureids", table.features),
    floats("nodes_values", table.thresholds),
    strings("nodes_modes", table.modes),
    ints("nodes_truenodeids", table.below),
    ints("nodes_falsenodeids", table.above),
    ints("nodes_missing_value_tracks_true", table.missingGoesBelow),
    ints("target_treeids", table.leafTreeIds),
    ints("target_nodeids", table.leafNodeIds),
    ints(
      "target_ids",
      table.leafWeights.map(() => 0),
    ),
    floats("target_weights", table.leafWeights),
    messageField(5, bytesField(1, "n_targets"), varintField(3, 1), varintField(20, TYPE.int)),
    floats("base_values", [base]),
    bytesField(7, "ai.onnx.ml"),
  );
  // The operator has a logistic transform of its own, which the runtime leaves out when there is one target.
  const sigmoid = messageField(1, bytesField(1, "log_odds"), bytesField(2, "probability"), bytesField(4, "Sigmoid"));
  const graph = messageField(
    7,
    ensemble,
    sigmoid,
    bytesField(2, "trees"),
    messageField(11, ...tensor("input", width)),
    messageField(12, ...tensor("probability", 1)),
  );
  const operators = [
    messageField(8, varintField(2, 15)),
    messageField(8, bytesField(1, "ai.onnx.ml"), varintField(2, 3)),
  ];
  return Buffer.concat([varintField(1, IR_VERSION), bytesField(2, "plumbline-bench"), graph, ...operators]);
}

/** A named float tensor [N, columns]. */
function tensor(name: string, columns: number): Buffer[] {
  const shape = messageField(2, messageField(1, bytesField(2, "N")), messageField(1, varintField(1, columns)));
  return [bytesField(1, name), messageField(2, messageField(1, varintField(1, FLOAT_TENSOR), shape))];
}

function ints(name: string, values: readonly number[]): Buffer {
  return messageField(
    5,
    bytesField(1, name),
    ...values.map((value) => varintField(8, value)),
    varintField(20, TYPE.ints),
  );
}

function floats(name: string, values: readonly number[]): Buffer {
  return messageField(
    5,
    bytesField(1, name),
    ...values.map((value) => floatField(7, value)),
    varintField(20, TYPE.floats),
  );
}

function strings(name: string, values: readonly string[]): Buffer {
  return messageField(
    5,
    bytesField(1, name),
    ...values.map((value) => bytesField(9, value)),
    varintField(20, TYPE.strings),
  );
}

/** The operator's attributes: one entry per node in every column, one per leaf in the last three. */
function flatten(trees: readonly TreeNode[]) {
  const table = {
    treeIds: [] as number[],
    nodeIds: [] as number[],
    features: [] as number[],
    thresholds: [] as number[],
    modes: [] as string[],
    below: [] as number[],
    above: [] as number[],
    missingGoesBelow: [] as number[],
    leafTreeIds: [] as number[],
    leafNodeIds: [] as number[],
    leafWeights: [] as number[],
  };
  for (const [tree, root] of trees.entries()) {
    const queue: TreeNode[] = [root];
    for (let id = 0; id < queue.length; id++) {
      const node = queue[id]!;
      table.treeIds.push(tree);
      table.nodeIds.push(id);
      if ("weight" in node) {
        table.leafTreeIds.push(tree);
        table.leafNodeIds.push(id);
        table.leafWeights.push(node.weight);
      } else {
        queue.push(node.below, node.above);
      }
      const branch = "weight" in node ? undefined : node;
      table.features.push(branch?.feature ?? 0);
      table.thresholds.push(branch?.threshold ?? 0);
      table.modes.push(branch ? "BRANCH_LT" : "LEAF");
      table.below.push(branch ? queue.length - 2 : 0);
      table.above.push(branch ? queue.length - 1 : 0);
      table.missingGoesBelow.push(branch?.missingGoesBelow ? 1 : 0);
    }
  }
  return table;
}
