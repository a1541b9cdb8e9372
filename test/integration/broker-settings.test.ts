import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, inject, test } from "vitest";
import { createLogger } from "../../src/platform/log.ts";
import { startNatsServer } from "../../src/platform/servers/nats-server.ts";
import { runCommand } from "../support/ingest-command.ts";
import { cloneDatabase } from "../support/test-database.ts";

test("a scorer refuses a broker that couldn't take the largest event back as a dead letter", async () => {
  const home = await mkdtemp(join(tmpdir(), "plumbline-broker-"));
  const log = createLogger("silent", "test");
  const broker = await startNatsServer({ home, log, config: "max_payload: 1000KB" });
  const database = await cloneDatabase(inject("templateUrl"));
  try {
    const environment = { NATS_URL: broker.url, DATABASE_URL: database.url, PLUMBLINE_HOME: home, LOG_LEVEL: "silent" };
    expect(await runCommand(["scorer"], environment)).toEqual({
      code: 1,
      stdout: "",
      stderr:
        "plumbline: the broker takes messages of at most 1024000 bytes; dead letters need up to 1048576. " +
        "Set max_payload in the server's configuration to 1MB or more.\n",
    });
  } finally {
    await database.drop();
    await broker.stop();
    await rm(home, { recursive: true });
  }
});
