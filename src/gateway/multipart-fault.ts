import { badRequest } from "./problem.ts";

/**
 * What reading a multipart body has thrown, as it is to be told. The plugin's own errors have a code and a status and the
 * system's have a code; the parser's have neither, and all say that the body isn't one.
 */
export function multipartFault(error: unknown): unknown {
  const isParsers = error instanceof Error && error.name === "Error" && !("code" in error);
  return isParsers ? badRequest("The multipart body can't be read; it may be cut off.") : error;
}
