import { rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { jetstreamManager } from "@nats-io/jetstream";
import { storeReports } from "../alerts/alert-store.ts";
import { countNotifications } from "../alerts/metrics.ts";
import { MAX_MESSAGE_BYTES, streamDeclarations } from "../contracts/streams.ts";
import type { Authenticate } from "../gateway/access/authenticate.ts";
import { addWebhookRoute } from "../gateway/alerts/webhook-route.ts";
import { addApplications } from "../gateway/applications/applications.ts";
import { addConsoleFiles } from "../gateway/console-files.ts";
import { addCollectRoute } from "../gateway/faro/collect-route.ts";
import { addReadingRoutes } from "../gateway/reading/reading.ts";
import { addRunbooks } from "../gateway/runbooks.ts";
import type { Gateway } from "../gateway/server.ts";
import { createStreamMetrics } from "../gateway/stream/metrics.ts";
import { startScoreTail } from "../gateway/stream/score-tail.ts";
import { attachStream } from "../gateway/stream/stream.ts";
import { addStreamRoute } from "../gateway/stream/stream-route.ts";
import { readBundle } from "../models/bundle.ts";
import { createPublisher } from "../platform/publisher.ts";
import { ensureStream, requireMessageSize } from "../platform/topology.ts";
import { CONSOLE_FILES } from "./console-build.ts";
import { ROOT, streamLimits } from "./environment.ts";
import { startReading } from "./gateway-reading.ts";
import type { RoleContext } from "./role.ts";
import { makeUploadFolder } from "./upload-folder.ts";
import { createReadLines } from "./uploaded-lines.ts";

const RUNBOOKS = join(ROOT, "docs", "runbooks");

/** Everything that the server serves beyond what all routes have in common. */
export async function addFeatures(gateway: Gateway, context: RoleContext, authenticate: Authenticate): Promise<void> {
  const { environment, nc, database, lifecycle, readiness, registry, log } = context;
  const bundle = await readBundle(resolve(ROOT, environment.SCORER_BUNDLE));
  const { manifest } = bundle;
  requireMessageSize(nc, MAX_MESSAGE_BYTES);
  // Without a question to the broker: what it has to answer is asked below, until it does.
  const jsm = await jetstreamManager(nc, { checkAPI: false });
  const streams = streamDeclarations(streamLimits(environment));
  for (const stream of [streams.APPLICATIONS, streams.OUTCOMES, streams.SCORES, streams.DEADLETTERS]) {
    await ensureStream(jsm, stream, context);
  }
  const scores = await startScoreTail(jsm, log);
  lifecycle.onStop("score tail", scores.stop);
  const publisher = createPublisher(nc);
  lifecycle.onStop("publisher", publisher.close);
  const uploadFolder = await makeUploadFolder();
  lifecycle.onStop("upload folder", () => rm(uploadFolder, { recursive: true, force: true }));
  await addApplications(gateway, {
    manifest,
    database,
    publisher,
    isConnected: () => readiness.nats === true,
    scores,
    readLines: createReadLines(manifest),
    uploadFolder,
  });
  const stream = attachStream({
    server: gateway.server,
    jsm,
    tail: scores,
    authenticate,
    origins: environment.GATEWAY_ORIGINS,
    metrics: createStreamMetrics(registry),
    log,
  });
  addStreamRoute(gateway);
  // Before the server waits for its connections to end: theirs would not.
  gateway.addHook("preClose", stream.stop);
  await addConsoleFiles(gateway, CONSOLE_FILES);
  addRunbooks(gateway, RUNBOOKS);
  addCollectRoute(gateway, { registry, forwardTo: environment.GATEWAY_FARO_URL, log });
  const countNotified = countNotifications(registry);
  addWebhookRoute(gateway, async (reports) => {
    await storeReports(database, reports, "webhook");
    countNotified(reports.length);
  });
  await addReadingRoutes(gateway, startReading(context, { bundle, jsm, publisher, scores, uploadFolder }));
}
