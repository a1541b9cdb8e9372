import { hostname } from "node:os";
import type { NatsConnection } from "@nats-io/transport-node";
import { isReady, type Readiness } from "./health.ts";
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
/** More than anybody runs. Beyond it are names that somebody makes up, which would be kept as long as they come. */
export const MOST_PROCESSES = 1_000;
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
    const heartbeat: Heartbeat = { role, instance, ready: isReady(readiness()), stopping, ...watched.figures() };
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

/**
 * Tells every heartbeat that is published, of the role whose subject it comes on: the broker can say who may publish there.
 * Returns what ends it.
 */
export function listenToHeartbeats(nc: NatsConnection, listener: (heartbeat: Heartbeat) => void): () => void {
  const subscription = nc.subscribe(`${PREFIX}.*`, {
    callback(error, message) {
      const heartbeat = error === null ? parse(message.string()) : undefined;
      if (heartbeat !== undefined && message.subject === `${PREFIX}.${heartbeat.role}`) listener(heartbeat);
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

/** Listens to all roles' heartbeats, of as many processes as anybody runs. */
export function watchHeartbeats(nc: NatsConnection, now: () => number = Date.now): HeartbeatWatch {
  type Seen = { readonly role: string; ready: boolean; seenAt: number };
  const processes = new Map<string, Seen>();
  const lastSeen = new Map<string, number>();
  const stop = listenToHeartbeats(nc, ({ role, instance, ready, stopping }) => {
    const name = `${role} ${instance}`;
    const isTooMany = () => hasNoRoomFor(processes, name) || hasNoRoomFor(lastSeen, role);
    if (isTooMany()) forgetSilent();
    if (isTooMany()) return;
    lastSeen.set(role, now());
    if (stopping) processes.delete(name);
    else processes.set(name, { role, ready, seenAt: now() });
  });

  function forgetSilent(): void {
    for (const [name, { seenAt }] of processes) if (seenAt < now() - SILENT_MS) processes.delete(name);
    for (const [role, at] of lastSeen) if (at < now() - FORGET_MS) lastSeen.delete(role);
  }

  function healthOf([role, lastSeenAt]: [string, number]): RoleHealth {
    const instances = [...processes.values()].filter((one) => one.role === role);
    return {
      role,
      instances: instances.length,
      ready: instances.length > 0 && instances.every(({ ready }) => ready),
      lastSeenAt,
      stale: instances.length === 0,
    };
  }

  return {
    roles() {
      forgetSilent();
      return [...lastSeen].map(healthOf).sort(byRole);
    },
    stop,
  };
}

function hasNoRoomFor(known: ReadonlyMap<string, unknown>, name: string): boolean {
  return known.size >= MOST_PROCESSES && !known.has(name);
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
