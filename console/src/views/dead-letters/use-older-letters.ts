import { useEffect, useState } from "preact/hooks";
import { RequestFault } from "../../api/request.ts";
import { readDeadLetters } from "../../api/routes.ts";
import type { DeadLetter, Page } from "../../api/shapes.ts";

const PAGE = 50;
/** As many as the gateway gives at once. */
const MOST = 500;

const NONE: Page<DeadLetter> = { items: [], next: null };

type Older = {
  readonly items: readonly DeadLetter[];
  readonly isLoading: boolean;
  readonly fault: RequestFault | null;
  readonly hasMore: boolean;
  load(): void;
};

/** Pages after the first, each asked for. @param next of the first page */
export function useOlderLetters(reason: string, next: string | null): Older {
  const [items, setItems] = useState<readonly DeadLetter[]>([]);
  /** Undefined until a page after the first has come. */
  const [cursor, setCursor] = useState<string | null | undefined>(undefined);
  const [isLoading, setLoading] = useState(false);
  const [fault, setFault] = useState<RequestFault | null>(null);
  const from = cursor === undefined ? next : cursor;

  // The first page has moved on, and those that it no longer shows would be on neither.
  useEffect(() => {
    if (cursor !== undefined) void read(next, Math.min(MOST, items.length + PAGE), []);
  }, [next]);

  async function read(before: string | null, limit: number, kept: readonly DeadLetter[]): Promise<void> {
    setLoading(true);
    setFault(null);
    try {
      const page = before === null ? NONE : await readDeadLetters({ reason, limit, before });
      setItems([...kept, ...page.items]);
      setCursor(page.next);
    } catch (error) {
      setFault(error instanceof RequestFault ? error : new RequestFault(0, "Something went wrong", String(error)));
    } finally {
      setLoading(false);
    }
  }
  return { items, isLoading, fault, hasMore: from !== null, load: () => void read(from, PAGE, items) };
}
