import { messageOf, OperatorError } from "../../platform/errors.ts";

/** One thing that doctor looked at. `advice` says what to do where all is not well. */
export type Finding = {
  readonly area: string;
  readonly status: "ok" | "warning" | "failure";
  readonly message: string;
  readonly advice?: string;
};

export function ok(area: string, message: string): Finding {
  return { area, status: "ok", message };
}

export function warning(area: string, message: string, advice: string): Finding {
  return { area, status: "warning", message, advice };
}

export function failure(area: string, message: string, advice: string): Finding {
  return { area, status: "failure", message, advice };
}

/** Runs a check; what it throws is a failure of its area, with the given advice unless the error has its own. */
export async function finding(area: string, advice: string, check: () => Promise<Finding[]>): Promise<Finding[]> {
  try {
    return await check();
  } catch (error) {
    const message = messageOf(error);
    // Errors for a person that say what to do are whole sentences; the others stop at what is wrong.
    const advises = error instanceof OperatorError && message.endsWith(".");
    return [advises ? { area, status: "failure", message } : failure(area, message, advice)];
  }
}
