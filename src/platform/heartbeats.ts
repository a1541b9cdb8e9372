import { hostname } from "node:os";
import type { NatsConnection } from "@nats-io/transport-node";
import type { Readiness } from "./health.ts";
import { type ProcessFigures, watchProcess } from "./process-figures.ts";

/**
 * Every role says on the broker that it lives, so that whoever shows the system's health sees all machines. Nothing is
 * stored: who isn't heard for two periods is not there.
 */

const PREFIX = "plumbline.heartbeats";
const HEARTBEAT_MS = 2_000;
/** Two periods, and a second for what is on its way. */
const SILENT_MS = 2 * HEARTBEAT_MS + 1_000;
/** Of roles and instances: any text that can be stored. */
const NAME = /^\P{C}{1,300}$/u;
/** A role that nobody has heard of for so long is not missed any more. */
const FORGET_MS = 3_600_000;

export type Heartbeat = ProcessFigures & {
  readonly role: string;
  /** Tells processes apart. */
  readonly instance: string;
  readonly ready: boolean;
  /** True in the last one of a process that stops in good order. */
  readonly stopping: boolean;
};

/** Publishes a role's heartbeats until it is stopped. */
export function startHeartbeats(nc: NatsConnection, role: string, readiness: () => Readiness): () => void {
  const instance = `${hostname()}:${process.pid}`;
  const watched = watchProcess();
  const beat = (stopping: boolean) => {
    const ready = Object.values(readiness()).every(Boolean);
    const heartbeat: Heartbeat = { role, instance, ready, stopping, ...watched.figures() };
    if (!nc.isClosed()) nc.publish(`${PREFIX}.${role}`, JSON.stringify(heartbeat));
  };
  beat(false);
  const timer = setInterval(() => beat(false), HEARTBEAT_MS);
  return () => {
    clearInterval(timer);
    beat(true);
    watched.stop();
  };
}

/** Tells every heartbeat that is published. Returns what ends it. */
export function listenToHeartbeats(nc: NatsConnection, listener: (heartbeat: Heartbeat) => void): () => void {
  const subscription = nc.subscribe(`${PREFIX}.*`, {
    callback(error, message) {
      const heartbeat = error === null ? parse(message.string()) : undefined;
      if (heartbeat !== undefined) listener(heartbeat);
    },
  });
  return () => subscription.unsubscribe();
}

/** What is known of a role; times in milliseconds since 1970. */
type RoleHealth = {
  readonly role: string;
  /** Processes that were heard within two periods. */
  readonly instances: number;
  /** All of them have all they need. */
  readonly ready: boolean;
  readonly lastSeenAt: number;
  /** None was heard within two periods. */
  readonly stale: boolean;
};

export type HeartbeatWatch = {
  /** The roles that were heard since the watch began, by name. */
  roles(): RoleHealth[];
  stop(): void;
};

/** Listens to all roles' heartbeats. */
export function watchHeartbeats(nc: NatsConnection, now: () => number = Date.now): HeartbeatWatch {
  const roles = new Map<string, Map<string, { ready: boolean; seenAt: number }>>();
  const lastSeen = new Map<string, number>();
  const stop = listenToHeartbeats(nc, ({ role, instance, ready, stopping }) => {
    const instances = roles.get(role) ?? new Map();
    roles.set(role, instances);
    lastSeen.set(role, now());
    if (stopping) instances.delete(instance);
    else instances.set(instance, { ready, seenAt: now() });
  });

  function healthOf(role: string, instances: Map<string, { ready: boolean; seenAt: number }>): RoleHealth {
    for (const [name, { seenAt }] of instances) if (seenAt < now() - SILENT_MS) instances.delete(name);
    return {
      role,
      instances: instances.size,
      ready: instances.size > 0 && [...instances.values()].every(({ ready }) => ready),
      lastSeenAt: lastSeen.get(role)!,
      stale: instances.size === 0,
    };
  }

  return {
    roles() {
      for (const [role, at] of lastSeen) if (at < now() - FORGET_MS && roles.delete(role)) lastSeen.delete(role);
      return [...roles].map(([role, instances]) => healthOf(role, instances)).sort(byRole);
    },
    stop,
  };
}

function byRole(a: RoleHealth, b: RoleHealth): number {
  return a.role < b.role ? -1 : 1;
}

/** Undefined for what isn't a heartbeat: whoever may publish on the broker may publish there too. */
function parse(text: string): Heartbeat | undefined {
  try {
    const { role, instance, ready, stopping, cpuCores, memoryBytes, eventLoopLagSeconds } = JSON.parse(text);
    const figures = { cpuCores, memoryBytes, eventLoopLagSeconds };
    const isOne =
      [role, instance].every((name) => typeof name === "string" && NAME.test(name)) &&
      Object.values(figures).every((figure) => figure >= 0 && figure <= Number.MAX_SAFE_INTEGER);
    return isOne ? { role, instance, ready: ready === true, stopping: stopping === true, ...figures } : undefined;
  } catch {
    return undefined;
  }
}
