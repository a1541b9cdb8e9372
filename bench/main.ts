import { messageOf, UsageError } from "../src/platform/errors.ts";
import { bench } from "./bench.ts";
import { readOptions, USAGE } from "./options.ts";

// From version 1.29 on, ONNX Runtime reports its use to its makers unless told not to; the scorers inherit this.
process.env.ORT_DISABLE_TELEMETRY = "1";

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, () => stop.abort(new Error(`stopped by ${signal}`)));
}

process.exitCode = await run();
// Native sessions must not keep a finished run alive.
process.exit();

async function run(): Promise<number> {
  try {
    const options = readOptions(process.argv.slice(2));
    if (options === undefined) process.stdout.write(USAGE);
    else await bench(options, stop.signal);
    return 0;
  } catch (error) {
    process.stderr.write(`bench: ${messageOf(stop.signal.aborted ? stop.signal.reason : error)}\n`);
    if (error instanceof UsageError) {
      process.stderr.write(USAGE);
      return 2;
    }
    return 1;
  }
}
