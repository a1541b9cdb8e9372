import { createServer } from "node:net";
import { OperatorError } from "../errors.ts";

/** Every embedded server listens here and nowhere else. */
export const LOOPBACK = "127.0.0.1";

/**
 * The port for a server: `asked` if given (OperatorError when it can't be had), else `preferred` if it is free, else
 * any free one. Somebody else may take a free port before the server does; the caller tries again then.
 */
export async function choosePort(asked: number | undefined, preferred: number | undefined): Promise<number> {
  if (asked !== undefined) {
    const fault = (await tryPort(asked)).fault;
    if (fault === "EADDRINUSE") throw portInUse(asked);
    if (fault !== undefined) {
      throw new OperatorError(`can't listen on port ${asked} of ${LOOPBACK} (${fault}): choose another port.`);
    }
    return asked;
  }
  if (preferred !== undefined && (await tryPort(preferred)).fault === undefined) return preferred;
  const { port, fault } = await tryPort(0);
  if (fault !== undefined) throw new OperatorError(`there is no free port on ${LOOPBACK} (${fault}).`);
  return port;
}

export function portInUse(port: number): OperatorError {
  return new OperatorError(
    `port ${port} on ${LOOPBACK} is in use by another program: stop that program, or choose another port.`,
  );
}

/** Listens for a moment. `fault` is the system's error code, undefined when it worked. */
function tryPort(port: number): Promise<{ port: number; fault: string | undefined }> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => resolve({ port, fault: error.code ?? error.message }));
    server.listen({ host: LOOPBACK, port, exclusive: true }, () => {
      const address = server.address();
      const bound = typeof address === "object" && address !== null ? address.port : port;
      server.close(() => resolve({ port: bound, fault: undefined }));
    });
  });
}
