import type { Command } from "commander";
import { MIGRATIONS, readEnvironment } from "../app/environment.ts";
import { databaseAddress } from "../app/servers-file.ts";
import { createLogger } from "../platform/log.ts";
import { migrate } from "../platform/migrate.ts";
import { connectDatabase } from "../platform/postgres.ts";
import type { CommandContext } from "./program.ts";

export function addMigrateCommand(program: Command, { signal }: CommandContext): void {
  program
    .command("migrate")
    .description("bring the database to this version's schema; waits for the server")
    .action(async () => {
      const environment = readEnvironment();
      const log = createLogger(environment.LOG_LEVEL, "migrate");
      const url = await databaseAddress(environment);
      const database = await connectDatabase({ url, connections: 1, log, signal });
      try {
        const applied = await migrate(database, MIGRATIONS);
        process.stdout.write(applied === 0 ? "the database is up to date\n" : `${applied} migrations applied\n`);
      } finally {
        await database.end();
      }
    });
}
