import { useEffect, useState } from "preact/hooks";
import type { Store } from "./store.ts";

/** A store's value; the component is drawn again when it changes. */
export function useStore<Value>(store: Store<Value>): Value {
  const [, draw] = useState({});
  useEffect(() => {
    const seen = store.get();
    const stop = store.onChange(() => draw({}));
    // It may have changed between drawing and listening.
    if (!Object.is(seen, store.get())) draw({});
    return stop;
  }, [store]);
  return store.get();
}
