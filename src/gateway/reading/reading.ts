import type { Bundle } from "../../models/bundle.ts";
import type { Database } from "../../platform/postgres.ts";
import { addAlertRoutes } from "../alerts/alert-routes.ts";
import type { Gateway } from "../server.ts";
import { addAccountRoutes } from "./account-routes.ts";
import { addCompareRoute, type CompareFiles } from "./compare-route.ts";
import { addDeadLetterRoutes, type DeadLetterStore } from "./dead-letter-routes.ts";
import { addDriftRoutes } from "./drift-routes.ts";
import { addModelRoutes } from "./model-routes.ts";
import { addScoreRoutes } from "./score-routes.ts";
import type { StatusBoard } from "./status.ts";
import { addStatusRoute } from "./status-route.ts";

export type ReadingParts = {
  readonly database: Database;
  /** That the scorers decide with. */
  readonly bundle: Bundle;
  readonly letters: DeadLetterStore;
  readonly status: StatusBoard;
  readonly compare: CompareFiles;
  /** A folder that nobody else reads, for files while they are worked on. */
  readonly uploadFolder: string;
};

/** All routes by which people and programs look at what is there. */
export async function addReadingRoutes(gateway: Gateway, parts: ReadingParts): Promise<void> {
  addAccountRoutes(gateway, parts);
  addStatusRoute(gateway, parts.status);
  addScoreRoutes(gateway, parts);
  addModelRoutes(gateway, parts);
  addDriftRoutes(gateway, parts);
  addAlertRoutes(gateway, parts);
  addDeadLetterRoutes(gateway, parts);
  // It reads its bodies in its own way.
  await gateway.register(async (own) => addCompareRoute(own, parts));
}
