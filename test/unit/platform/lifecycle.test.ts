import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { createLifecycle } from "../../../src/platform/lifecycle.ts";
import { createLogger } from "../../../src/platform/log.ts";

const log = createLogger("silent", "test");

describe("a lifecycle", () => {
  it("undoes the last made first, one after the other", async () => {
    const lifecycle = createLifecycle(log);
    const events: string[] = [];
    for (const name of ["server", "pool", "role"]) {
      lifecycle.onStop(name, async () => {
        events.push(`${name} stops`);
        await sleep(5);
        events.push(`${name} stopped`);
      });
    }
    await lifecycle.stop();
    const expected = ["role", "pool", "server"].flatMap((name) => [`${name} stops`, `${name} stopped`]);
    expect(events).toEqual(expected);
  });

  it("undoes everything although some of it fails or hangs, and joins what went wrong", async () => {
    const lifecycle = createLifecycle(log);
    const stopped: string[] = [];
    lifecycle.onStop("first", () => void stopped.push("first"));
    lifecycle.onStop("hangs", () => new Promise(() => {}), 20);
    lifecycle.onStop("throws", () => {
      throw new Error("no");
    });
    lifecycle.onStop("rejects", async () => Promise.reject(new Error("never")));
    lifecycle.onStop("last", () => void stopped.push("last"));
    const fault = await lifecycle.stop().catch((error: unknown) => error);
    expect(fault).toBeInstanceOf(AggregateError);
    expect((fault as AggregateError).message).toBe("rejects: never; throws: no; hangs: did not stop within 20 ms");
    expect((fault as AggregateError).errors).toHaveLength(3);
    expect(stopped).toEqual(["last", "first"]);
  });

  it("isn't troubled by one that fails after its time was up", async () => {
    const lifecycle = createLifecycle(log);
    lifecycle.onStop(
      "late",
      async () => {
        await sleep(30);
        throw new Error("too late to matter");
      },
      5,
    );
    await expect(lifecycle.stop()).rejects.toThrow("late: did not stop within 5 ms");
    await sleep(50);
  });

  it("stops once, however often it is asked", async () => {
    const lifecycle = createLifecycle(log);
    let stops = 0;
    lifecycle.onStop("one", async () => {
      await sleep(5);
      stops++;
    });
    await Promise.all([lifecycle.stop(), lifecycle.stop()]);
    await lifecycle.stop();
    expect(stops).toBe(1);
  });

  it("leaves no timer that would keep the process alive", async () => {
    const before = process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
    const lifecycle = createLifecycle(log);
    lifecycle.onStop("quick", () => {}, 60_000);
    await lifecycle.stop();
    expect(process.getActiveResourcesInfo().filter((kind) => kind === "Timeout")).toHaveLength(before);
  });
});
