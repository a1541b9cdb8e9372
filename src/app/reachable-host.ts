/** The host of a URL at which a server can be reached that listens on `host`: all of the machine's addresses are none to open. */
export function reachableHost(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
}
