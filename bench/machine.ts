import { cpus, release, totalmem } from "node:os";
import type { Slate } from "./blank-slate.ts";

export type Machine = {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly linux: string;
  readonly node: string;
  readonly natsServer: string;
  readonly postgres: string;
};

/** What the figures were measured on. */
export async function describeMachine({ nc, database }: Slate): Promise<Machine> {
  const { rows } = await database.query<{ server_version: string }>("show server_version");
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    linux: release(),
    node: process.versions.node,
    natsServer: nc.info?.version ?? "unknown",
    postgres: rows[0]!.server_version,
  };
}
