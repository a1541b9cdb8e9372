import { useState } from "preact/hooks";
import { RequestFault } from "../../api/request.ts";
import { readDeadLetters } from "../../api/routes.ts";
import type { DeadLetter } from "../../api/shapes.ts";

const PAGE = 50;

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

  async function load(): Promise<void> {
    setLoading(true);
    setFault(null);
    try {
      const page = await readDeadLetters({ reason, limit: PAGE, before: from });
      setItems([...items, ...page.items]);
      setCursor(page.next);
    } catch (error) {
      setFault(error instanceof RequestFault ? error : new RequestFault(0, "Something went wrong", String(error)));
    } finally {
      setLoading(false);
    }
  }
  return { items, isLoading, fault, hasMore: from !== null, load: () => void load() };
}
