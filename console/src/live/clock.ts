import { useEffect, useState } from "preact/hooks";

const PERIOD_MS = 1_000;

/** This machine's time in milliseconds; the component is drawn again every second. */
export function useClock(): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), PERIOD_MS);
    return () => clearInterval(timer);
  }, []);
  return now;
}
