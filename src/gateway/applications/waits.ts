/** Score events as they are published; a listener is told each once. */
export type ScoreNews = {
  onScore(listener: (message: { readonly applicationId: string; readonly text: string }) => void): () => void;
};

export type Wait = {
  /** The score event's text, or undefined when the time is up. */
  readonly score: Promise<string | undefined>;
  /** Waits no longer. */
  end(): void;
};

export type Waits = {
  /** Waits for the score of an application; what was published before isn't noticed. */
  begin(applicationId: string, withinMs: number): Wait;
  /** Ends all waits as if their time were up, those that begin later too. */
  stop(): void;
};

/** Lets many requests wait for scores by one listener. */
export function createWaits(news: ScoreNews): Waits {
  const waiting = new Map<string, Set<(text: string | undefined) => void>>();
  let stopped = false;
  const unsubscribe = news.onScore(({ applicationId, text }) => {
    for (const settle of waiting.get(applicationId) ?? []) settle(text);
  });

  return {
    begin(applicationId, withinMs) {
      const { promise: score, resolve } = Promise.withResolvers<string | undefined>();
      const settle = (text: string | undefined) => {
        clearTimeout(timer);
        const others = waiting.get(applicationId);
        others?.delete(settle);
        if (others?.size === 0) waiting.delete(applicationId);
        resolve(text);
      };
      const timer = setTimeout(() => settle(undefined), withinMs);
      waiting.set(applicationId, (waiting.get(applicationId) ?? new Set()).add(settle));
      if (stopped) settle(undefined);
      return { score, end: () => settle(undefined) };
    },
    stop() {
      stopped = true;
      unsubscribe();
      for (const settles of [...waiting.values()]) for (const settle of [...settles]) settle(undefined);
    },
  };
}
