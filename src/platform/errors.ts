/**
 * A fault that a person has to mend: its message is a sentence that says what is wrong and what to do.
 * Commands print the message alone (exit code 1); anything else is a defect and prints with its stack.
 */
export class OperatorError extends Error {
  override readonly name = "OperatorError";
}

/** Wrong words on the command line or in the environment (exit code 2). */
export class UsageError extends OperatorError {}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
