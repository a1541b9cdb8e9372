import { DiscardPolicy, type JetStreamManager, jetstreamManager } from "@nats-io/jetstream";
import {
  type ConsumerDeclaration,
  driftConsumer,
  type StreamDeclaration,
  scorerConsumer,
  streamDeclarations,
} from "../../contracts/streams.ts";
import { messageOf } from "../../platform/errors.ts";
import type { Logger } from "../../platform/log.ts";
import { connectNats } from "../../platform/nats.ts";
import { configurationDifferences, unlessMissing } from "../../platform/topology.ts";
import { type Environment, streamLimits } from "../environment.ts";
import { natsAddress } from "../servers-file.ts";
import { type Finding, failure, ok, warning } from "./check.ts";

const WAIT_MS = 3_000;
const NEARLY_FULL = 0.8;

/** The broker, JetStream, and every stream and consumer against their declaration. Creates nothing. */
export async function checkBroker(environment: Environment, log: Logger): Promise<Finding[]> {
  const url = await natsAddress(environment);
  const nc = await connectNats({
    url,
    creds: environment.NATS_CREDS,
    name: "plumbline-doctor",
    log,
    giveUpAfterMs: WAIT_MS,
  });
  try {
    const jsm = await jetstreamManager(nc);
    const findings = [checkVersion(nc.info?.version ?? "of unknown version")];
    for (const stream of Object.values(streamDeclarations(streamLimits(environment)))) {
      findings.push(await unlessForbidden(`stream ${stream.name}`, checkStream(jsm, stream)));
    }
    const { ACK_WAIT } = environment;
    const scorer = checkConsumer(jsm, scorerConsumer(ACK_WAIT), { role: "scorer", waiting: "applications" });
    findings.push(await unlessForbidden("consumer scorer", scorer));
    const drift = checkConsumer(jsm, driftConsumer(ACK_WAIT), { role: "drift consumer", waiting: "counts" });
    findings.push(await unlessForbidden("consumer drift", drift));
    return findings;
  } finally {
    await nc.close();
  }
}

/** Older ones count the bytes of a full stream wrongly (mended by nats-server's pull request 4772). */
const EVICTS = /^2\.([0-9]|10\.[0-4])(\.|$)/;

function checkVersion(version: string): Finding {
  const text = `nats-server ${version} answers, JetStream is on`;
  if (!EVICTS.test(version)) return ok("nats", text);
  return warning(
    "nats",
    text,
    "use 2.10.5 or newer in production: this one evicts the oldest messages of a stream that is full by bytes; keep …_MAX_MESSAGES small enough to be reached first",
  );
}

/** A role's own login sees what the role needs. */
async function unlessForbidden(area: string, check: Promise<Finding>): Promise<Finding> {
  try {
    return await check;
  } catch (error) {
    if (!/permissions violation/i.test(messageOf(error))) throw error;
    return warning(area, "this NATS user may not ask about it", "look with the operator's user");
  }
}

async function checkStream(jsm: JetStreamManager, declared: StreamDeclaration): Promise<Finding> {
  const area = `stream ${declared.name}`;
  const info = await unlessMissing(jsm.streams.info(declared.name));
  if (info === undefined) {
    return warning(area, "does not exist yet", "nothing to do: the first role that needs it makes it");
  }
  const differences = configurationDifferences(declared, info.config);
  if (differences.length > 0) {
    return failure(
      area,
      differences.join("; "),
      "set the environment to what exists, or edit the stream with the nats command line",
    );
  }
  const { messages, bytes } = info.state;
  const share = bytes / declared.max_bytes;
  const content = `${messages.toLocaleString("en-US")} messages, ${(share * 100).toFixed(1)} % full`;
  if (share < NEARLY_FULL || declared.discard === DiscardPolicy.Old) return ok(area, content);
  return warning(area, content, "add scorers or room: a full stream refuses its publishers");
}

async function checkConsumer(
  jsm: JetStreamManager,
  declared: ConsumerDeclaration,
  words: { readonly role: string; readonly waiting: string },
): Promise<Finding> {
  const area = `consumer ${declared.durable_name}`;
  const info = await unlessMissing(jsm.consumers.info(declared.stream, declared.durable_name));
  if (info === undefined) return warning(area, "does not exist yet", `start a ${words.role}: it makes it`);
  const { stream: _, ...requested } = declared;
  const differences = configurationDifferences(requested, info.config);
  if (differences.length > 0) return failure(area, differences.join("; "), "set the environment to what exists");
  const { num_pending: pending, num_ack_pending: ackPending, num_waiting: waiting } = info;
  const content = `${pending} pending, ${ackPending} in hand, ${waiting} requests open`;
  if (pending + ackPending > 0 && waiting === 0 && ackPending === 0) {
    return warning(area, content, `${words.waiting} wait and no ${words.role} asks for them: start one`);
  }
  return ok(area, content);
}
