import "./no-telemetry.ts";
import type * as ort from "onnxruntime-node";
import { messageOf, OperatorError } from "../platform/errors.ts";
import type { Manifest } from "./manifest.ts";

/** A loaded model. `run` blocks the event loop for as long as it computes, so batches stay small. */
export type Session = {
  /**
   * Probabilities of default.
   * @param tensor rows × width features in manifest order, row by row; NaN is missing.
   * @throws when the runtime fails, or an answer is not a probability.
   */
  run(tensor: Float32Array, rows: number): Promise<Float32Array>;
  release(): Promise<void>;
};

/**
 * Loads model.onnx and scores two made-up rows, so that a model that doesn't fit its manifest is refused at start-up.
 * @throws OperatorError with the reason.
 */
export async function openSession(modelFile: string, manifest: Pick<Manifest, "onnx" | "features">): Promise<Session> {
  const { input, output, positive_class: positiveClass = 1 } = manifest.onnx;
  const width = manifest.features.length;
  // Loaded here: a process that runs no model is spared the tens of megabytes of its library.
  const { InferenceSession, Tensor } = await import("onnxruntime-node");
  let session: ort.InferenceSession;
  try {
    session = await InferenceSession.create(modelFile, {
      executionProviders: ["cpu"],
      // One core per scorer; parallelism comes from more scorers.
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      executionMode: "sequential",
      // Errors alone: its warnings about a model's graph would be lines in the log that are no JSON.
      logSeverityLevel: 3,
    });
  } catch (error) {
    throw new OperatorError(`${modelFile} cannot be loaded: ${messageOf(error)}`, { cause: error });
  }
  try {
    if (!session.inputNames.includes(input)) {
      throw new OperatorError(`its inputs are ${session.inputNames.join(", ")}; the manifest says ${input}`);
    }
    if (!session.outputNames.includes(output)) {
      throw new OperatorError(`its outputs are ${session.outputNames.join(", ")}; the manifest says ${output}`);
    }
    await run(new Float32Array(2 * width).fill(Number.NaN), 2);
  } catch (error) {
    await session.release();
    throw new OperatorError(`${modelFile} does not fit its manifest: ${messageOf(error)}`, { cause: error });
  }

  async function run(tensor: Float32Array, rows: number): Promise<Float32Array> {
    const feeds = { [input]: new Tensor("float32", tensor, [rows, width]) };
    const { [output]: answer } = await session.run(feeds, [output]);
    return positiveColumn(answer!, rows, positiveClass);
  }

  return { run, release: () => session.release() };
}

/** The probabilities in an output of shape [N], [N, 1] or [N, 2]. */
function positiveColumn(answer: ort.Tensor, rows: number, positiveClass: number): Float32Array {
  const [first, columns = 1, ...more] = answer.dims;
  if (
    !(answer.data instanceof Float32Array) ||
    first !== rows ||
    !(columns === 1 || columns === 2) ||
    more.length > 0
  ) {
    throw new Error(`the output must be ${rows} float probabilities; it is ${answer.type} [${answer.dims.join(", ")}]`);
  }
  const probabilities = columns === 1 ? answer.data : answer.data.filter((_, index) => index % 2 === positiveClass);
  for (const probability of probabilities) {
    if (!(probability >= 0 && probability <= 1)) throw new Error("the model's answer is not a probability");
  }
  return probabilities;
}
