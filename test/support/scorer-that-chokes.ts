import * as ort from "onnxruntime-node";
import { readEnvironment } from "../../src/app/environment.ts";
import { runScorer } from "../../src/app/scorer.ts";

/**
 * A scorer that chokes on a value of the first feature: its process dies inside the model run, as in a native crash, or
 * the run fails. Usage: node scorer-that-chokes.ts <value of the first feature> [fail]
 */
const [, , deadly, how] = process.argv;
const stop = new AbortController();
process.once("SIGTERM", () => stop.abort());

const { create } = ort.InferenceSession;
const chokingCreate = async (path: Parameters<typeof create>[0], options: Parameters<typeof create>[1]) => {
  const session = await create.call(ort.InferenceSession, path, options);
  const run = session.run.bind(session);
  session.run = async (feeds: ort.InferenceSession.FeedsType, ...rest: unknown[]) => {
    for (const tensor of Object.values(feeds)) chokeOn(tensor as ort.Tensor);
    return run(feeds, ...(rest as []));
  };
  return session;
};
Object.assign(ort.InferenceSession, { create: chokingCreate });

function chokeOn({ data, dims }: ort.Tensor): void {
  const values = data as Float32Array;
  for (let at = 0; at < values.length; at += dims[1]!) {
    if (values[at] !== Number(deadly)) continue;
    if (how === "fail") throw new Error("the model run fails on it");
    process.kill(process.pid, "SIGKILL");
  }
}

await runScorer(readEnvironment(), stop.signal);
process.exit();
