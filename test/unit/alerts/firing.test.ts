import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import pg from "pg";
import { Registry } from "prom-client";
import { expect, onTestFinished, test, vi } from "vitest";
import { watchFiring } from "../../../src/alerts/firing.ts";
import { createLogger } from "../../../src/platform/log.ts";

test("a database that doesn't answer is asked once at a time", async () => {
  const silent = createServer((socket) => socket.on("error", () => {})).listen(0, "127.0.0.1");
  onTestFinished(() => void silent.close());
  await once(silent, "listening");
  const { port } = silent.address() as AddressInfo;
  const pool = new pg.Pool({ host: "127.0.0.1", port, user: "u", database: "d", max: 1 });
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  onTestFinished(() => void vi.useRealTimers());
  const stop = watchFiring(pool, new Registry(), createLogger("silent", "test"));
  await vi.advanceTimersByTimeAsync(60_000);
  stop();
  expect(pool.waitingCount).toBe(0);
});
