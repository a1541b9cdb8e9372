import type { ApplicationEvent } from "../../src/contracts/application.ts";
import { readBundle } from "../../src/models/bundle.ts";
import { openSession } from "../../src/models/session.ts";
import { createValidator } from "../../src/models/validate.ts";
import type { NewDecision } from "../../src/scorer/record.ts";
import { createScoring, type Decider, type Scorable } from "../../src/scorer/score.ts";
import { type Bodies, payloadOf } from "../applications.ts";
import { CHANNEL } from "../preload.ts";

/** A bundle's model, ready to decide. Release its session. */
export async function openDecider(bundleFolder: string): Promise<Decider> {
  const { manifest, modelFile, typicalValues } = await readBundle(bundleFolder);
  const session = await openSession(modelFile, manifest);
  const policy = { version: "1", ...manifest.policy };
  return { modelId: 1, manifest, typicalValues, session, policy: () => policy };
}

/** The decisions of made-up applications, as the scorer makes them; sequences count from `from`. */
export async function decideApplications(
  decider: Decider,
  bodies: Bodies,
  { prefix, from, count }: { prefix: string; from: number; count: number },
): Promise<NewDecision[]> {
  const validator = createValidator(decider.manifest);
  const score = createScoring(
    decider,
    async (_stage, work) => work(),
    () => {},
  );
  const entries = Array.from({ length: count }, (_, index): Scorable => {
    const sequence = from + index;
    const payload = payloadOf(bodies, prefix, sequence);
    const validation = validator.readBytes(payload);
    if (!validation.ok) throw new Error(`a made-up application is refused: ${validation.error}`);
    const { event, submittedAt, text } = validation;
    const content = { kind: "application", channel: CHANNEL, event, submittedAt, text } as const;
    // The message itself is for settling, which nobody does here.
    return { message: undefined as never, sequence, receivedAt: Date.now(), deliveries: 1, content };
  });
  return score(entries);
}

export function featuresOf(body: string): ApplicationEvent["features"] {
  return (JSON.parse(`{${body.slice(1)}`) as ApplicationEvent).features;
}
