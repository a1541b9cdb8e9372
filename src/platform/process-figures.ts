import { monitorEventLoopDelay } from "node:perf_hooks";

/** What a process takes; CPU and lag since it was asked the last time. */
export type ProcessFigures = {
  /** CPU seconds per second. */
  readonly cpuCores: number;
  readonly memoryBytes: number;
  /** How late the event loop came round, 99th percentile. */
  readonly eventLoopLagSeconds: number;
};

const RESOLUTION_MS = 20;

/** Watches this process from now on. */
export function watchProcess(): { figures(): ProcessFigures; stop(): void } {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  let cpu = process.cpuUsage();
  let askedAt = performance.now();
  return {
    figures() {
      const { user, system } = process.cpuUsage(cpu);
      const elapsedMs = Math.max(1, performance.now() - askedAt);
      // The delay measured includes the timer's own interval; nothing is measured when it is asked at once again.
      const lagMs = delay.count === 0 ? 0 : Math.max(0, delay.percentile(99) / 1e6 - RESOLUTION_MS);
      cpu = process.cpuUsage();
      askedAt = performance.now();
      delay.reset();
      return {
        cpuCores: (user + system) / 1000 / elapsedMs,
        memoryBytes: process.memoryUsage.rss(),
        eventLoopLagSeconds: lagMs / 1000,
      };
    },
    stop: () => delay.disable(),
  };
}
