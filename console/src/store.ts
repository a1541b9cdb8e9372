/** A value that changes, and who wants to know. */
export type Store<Value> = {
  get(): Value;
  set(value: Value): void;
  /** Calls back after each change, until what it returns is called. */
  onChange(listener: () => void): () => void;
};

export function createStore<Value>(initial: Value): Store<Value> {
  let current = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => current,
    set(value) {
      if (Object.is(value, current)) return;
      current = value;
      for (const listener of [...listeners]) listener();
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
