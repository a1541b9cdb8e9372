/** A command that a person watches gives up on a server that is away after this long; a role never does. */
export const WAIT_FOR_SERVER_MS = 10_000;
