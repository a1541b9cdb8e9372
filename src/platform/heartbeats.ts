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
export const MOST_ROLES = 20;
export const MOST_INSTANCES = 200;
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

/** Something for each process, by role and instance. */
export type ByProcess<Value> = Map<string, Map<string, Value>>;

/**
 * Notes something of a process. Where there are too many, those that were noted longest ago make room: of the same role, or
 * whole roles.
 */
export function noteProcess<Value>(known: ByProcess<Value>, { role, instance }: Heartbeat, value: Value): void {
  const instances = known.get(role) ?? new Map<string, Value>();
  noteLast(instances, instance, value, MOST_INSTANCES);
  noteLast(known, role, instances, MOST_ROLES);
}

function noteLast<Value>(known: Map<string, Value>, name: string, value: Value, most: number): void {
  known.delete(name);
  // A map is in the order in which its entries came.
  const [longestAgo] = known.keys();
  if (known.size >= most && longestAgo !== undefined) known.delete(longestAgo);
  known.set(name, value);
}

/** Listens to all roles' heartbeats. */
export function watchHeartbeats(nc: NatsConnection, now: () => number = Date.now): HeartbeatWatch {
  type Seen = { readonly ready: boolean; readonly seenAt: number };
  const processes: ByProcess<Seen> = new Map();
  const lastSeen = new Map<string, number>();
  const stop = listenToHeartbeats(nc, (heartbeat) => {
    const { role, instance, ready, stopping } = heartbeat;
    noteLast(lastSeen, role, now(), MOST_ROLES);
    if (stopping) processes.get(role)?.delete(instance);
    else noteProcess(processes, heartbeat, { ready, seenAt: now() });
  });

  function healthOf(role: string, lastSeenAt: number): RoleHealth {
    const seen = [...(processes.get(role)?.values() ?? [])].filter(({ seenAt }) => seenAt >= now() - SILENT_MS);
    return {
      role,
      instances: seen.length,
      ready: seen.length > 0 && seen.every(({ ready }) => ready),
      lastSeenAt,
      stale: seen.length === 0,
    };
  }

  return {
    roles() {
      const known = [...lastSeen].filter(([, at]) => at >= now() - FORGET_MS);
      return known.map(([role, at]) => healthOf(role, at)).sort(byRole);
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
