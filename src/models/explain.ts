import type { FeatureValue } from "../contracts/application.ts";
import type { Reason } from "../contracts/score.ts";
import { OperatorError } from "../platform/errors.ts";
import type { Database } from "../platform/postgres.ts";
import type { Bundle } from "./bundle.ts";
import type { DecisionRow } from "./decision-row.ts";
import { createEncoder } from "./encode.ts";
import { decide, riskBand } from "./policy.ts";
import { substitutionContributions, substitutionReasons } from "./reasons.ts";
import { policyByVersion } from "./registry.ts";
import { openSession } from "./session.ts";

/** A stored decision as any reader of `scores` sees it. */
export type ScoreRow = DecisionRow & {
  readonly reason_method: string | null;
  readonly features: Readonly<Record<string, FeatureValue>>;
};

export type Explanation = {
  readonly stored: ScoreRow;
  /** Made again from the stored features, the bundle and the policy of then. */
  readonly derived: Pick<ScoreRow, "score" | "risk_band" | "decision" | "reasons">;
  /** Score, risk band, decision and reasons are the same to the last bit. */
  readonly equal: boolean;
  /** Per feature, in manifest order: the value used by the model and its contribution in log-odds. */
  readonly contributions: readonly {
    readonly feature: string;
    readonly value: FeatureValue;
    readonly used: "as_sent" | "missing" | "out_of_range" | "unseen";
    readonly contribution: number;
  }[];
};

/** The stored decision of an application, or undefined. */
export async function readScore(database: Database, applicationId: string): Promise<ScoreRow | undefined> {
  const { rows } = await database.query<ScoreRow>("select * from public.scores where application_id = $1", [
    applicationId,
  ]);
  return rows[0];
}

/**
 * Derives a decision again from what is stored and compares.
 * @throws OperatorError when the bundle isn't the one that decided.
 */
export async function explain(database: Database, stored: ScoreRow, bundle: Bundle): Promise<Explanation> {
  const { manifest, typicalValues } = bundle;
  if (stored.model_sha256 !== manifest.onnx.sha256 || stored.model_name !== manifest.name) {
    throw new OperatorError(
      `${stored.application_id} was decided by ${stored.model_name} version ${stored.model_version} (SHA-256 ${stored.model_sha256}); ${bundle.folder} holds ${manifest.name} version ${manifest.version} (SHA-256 ${manifest.onnx.sha256}). Set SCORER_BUNDLE to the bundle that decided.`,
    );
  }
  const policy = await policyByVersion(database, stored.model_name, stored.policy_version);
  const session = await openSession(bundle.modelFile, manifest);
  try {
    const faults = new Map<string, "missing" | "out_of_range" | "unseen">();
    const tensor = new Float32Array(manifest.features.length);
    createEncoder(manifest.features).encode(stored.features, tensor, 0, (feature, kind) => faults.set(feature, kind));
    const score = (await session.run(tensor, 1))[0]!;
    const decision = decide(policy, score);
    const [contributions] = await substitutionContributions(session, typicalValues, tensor, [score]);
    const [reasons = []] =
      decision === "decline"
        ? await substitutionReasons(session, manifest.features, typicalValues, tensor, [score])
        : [];
    const derived = { score, risk_band: riskBand(policy, score), decision, reasons };
    return {
      stored,
      derived,
      equal:
        score === stored.score &&
        derived.risk_band === stored.risk_band &&
        decision === stored.decision &&
        sameReasons(reasons, stored.reasons),
      contributions: manifest.features.map(({ name }, index) => ({
        feature: name,
        value: stored.features[name] ?? null,
        used: faults.get(name) ?? "as_sent",
        contribution: contributions![index]!,
      })),
    };
  } finally {
    await session.release();
  }
}

/** The texts come from the manifest by code, so code and contribution are what can differ. */
function sameReasons(a: readonly Reason[], b: readonly Reason[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ code, contribution }, i) => code === b[i]!.code && contribution === b[i]!.contribution)
  );
}
