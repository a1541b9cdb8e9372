import { CommanderError } from "commander";
import { createProgram } from "./cli/program.ts";
import { messageOf, OperatorError, UsageError } from "./platform/errors.ts";
import { fileFault } from "./platform/file-fault.ts";

const OK = 0;
const FAILURE = 1;
const WRONG_USAGE = 2;

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, onSignal);

// Started by `plumbline up`: when that was killed there is nobody left to stop us.
if (process.connected) process.once("disconnect", () => stop.abort(new Error("plumbline up is gone")));

/** The first signal stops in good order; a second one doesn't wait for it. */
function onSignal(signal: NodeJS.Signals): void {
  if (stop.signal.aborted) process.exit(FAILURE);
  stop.abort(new Error(`stopped by ${signal}`));
}

// `plumbline tail | head` closes our output early. That is no fault, but what was started must still be stopped.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") return stop.abort(new Error("nobody reads the output any more"));
  process.stderr.write(`plumbline: cannot write the output: ${fileFault(error)}\n`);
  process.exit(FAILURE);
});

process.exitCode = await run();
// What was written to a pipe may still be on its way; exit() would cut it off.
await Promise.all([process.stdout, process.stderr].map(flushed));
// Native sessions and sockets that somebody else still holds must not keep a finished command alive.
process.exit();

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => stream.write("", () => resolve()));
}

async function run(): Promise<number> {
  try {
    const outcome = { exitCode: OK };
    const program = await createProgram(process.argv.slice(2), stop.signal, outcome);
    await program.parseAsync();
    return outcome.exitCode;
  } catch (error) {
    // Commander has printed its own message; --help and --version end this way too.
    if (error instanceof CommanderError) return error.exitCode === 0 ? OK : WRONG_USAGE;
    if (error instanceof OperatorError) process.stderr.write(`plumbline: ${error.message}\n`);
    else
      process.stderr.write(
        `plumbline: ${error instanceof Error ? (error.stack ?? messageOf(error)) : messageOf(error)}\n`,
      );
    return error instanceof UsageError ? WRONG_USAGE : FAILURE;
  }
}
