import { useEffect, useState } from "preact/hooks";
import { parseRoute, type Route } from "./routing.ts";

/** The route in the address bar. */
export function useRoute(): Route {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const read = () => setHash(location.hash);
    addEventListener("hashchange", read);
    read();
    return () => removeEventListener("hashchange", read);
  }, []);
  return parseRoute(hash);
}

/** Changes the address without a new entry in the history: for filters, which one doesn't step back through. */
export function replaceAddress(href: string): void {
  history.replaceState(null, "", href);
  dispatchEvent(new HashChangeEvent("hashchange"));
}
