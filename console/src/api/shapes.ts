import type { AlertSeverity } from "../../../src/contracts/alert.ts";
import type { FeatureValue } from "../../../src/contracts/application.ts";
import type { DeadLetterReason } from "../../../src/contracts/dead-letter.ts";
import type { DecisionMix, DriftReport, FeatureComparison, Severity } from "../../../src/contracts/drift-report.ts";
import type { Reason, RiskBand, ScoreEvent } from "../../../src/contracts/score.ts";
import type { FeatureBins, NumberBins } from "../../../src/drift/page/groups.ts";

/** What the gateway answers. Times are RFC 3339 in UTC. */

type Role = "viewer" | "publisher" | "reviewer" | "admin";

export type Me = { readonly name: string; readonly role: Role; readonly expires_at: string | null };

export type RoleHealth = {
  readonly role: string;
  readonly instances: number;
  readonly ready: boolean;
  readonly last_seen_at: string;
  /** Two periods went by without a heartbeat. */
  readonly stale: boolean;
};

/** One second. Latencies are from the broker's receipt to the published score, null without a score. */
export type SecondFigures = DecisionMix & {
  readonly at: string;
  readonly scored: number;
  readonly p50_ms: number | null;
  readonly p99_ms: number | null;
};

export type DriftHeadline = {
  readonly model: string;
  readonly severity: Severity;
  readonly status: DriftReport["status"];
  readonly window: DriftReport["window"];
  readonly applications: number;
  readonly drift_score: number;
  readonly reported_at: string;
  readonly provisional_severity: Severity | null;
  readonly stale: boolean;
};

type ModelHeadline = {
  readonly name: string;
  readonly version: string;
  readonly sha256: string;
  readonly reference_decisions: DecisionMix | null;
};

export type Status = {
  readonly at: string;
  readonly health: { readonly nats: boolean; readonly postgres: boolean; readonly roles: readonly RoleHealth[] };
  /** Null while the broker can't be asked; the same, or the database, for what follows. */
  readonly pending: { readonly applications: number; readonly ack_pending: number } | null;
  readonly live: {
    readonly per_second: number;
    readonly last_minute: {
      readonly scored: number;
      readonly decisions: DecisionMix;
      readonly end_to_end_ms: { readonly p50: number | null; readonly p99: number | null };
    };
    readonly series: readonly SecondFigures[];
  };
  /** In SCORES; every score up to it is stored. */
  readonly last_sequence: number;
  readonly dead_letters: number | null;
  /** How many fire. */
  readonly alerts: { readonly firing: Readonly<Record<AlertSeverity, number>> } | null;
  readonly models: readonly ModelHeadline[] | null;
  readonly drift: DriftHeadline | null;
};

/** A page of a list; `next` goes into `before`. */
export type Page<Item> = { readonly items: readonly Item[]; readonly next: string | null };

/** How the model came by a feature's value. */
export type ValueUse = "as_sent" | "missing" | "out_of_range" | "unseen";

export type Contribution = {
  readonly feature: string;
  readonly label?: string;
  readonly value: FeatureValue;
  readonly used: ValueUse;
  /** In log-odds; positive raises the probability of default. */
  readonly contribution: number;
};

export type Explanation = {
  readonly score: ScoreEvent;
  readonly reason_method: string | null;
  readonly features: Readonly<Record<string, FeatureValue>>;
  readonly derived: {
    readonly score: number;
    readonly risk_band: RiskBand;
    readonly decision: ScoreEvent["decision"];
    readonly reasons: readonly Reason[];
  };
  /** What was derived again equals what is stored, to the last bit. */
  readonly equal: boolean;
  readonly contributions: readonly Contribution[];
  readonly timeline: readonly { readonly at: string; readonly event: "submitted" | "received" | "scored" }[];
};

type ModelFeature = {
  readonly name: string;
  readonly label?: string;
  readonly type: "numeric" | "categorical";
  readonly unit?: string | null;
  readonly required: boolean;
  readonly importance?: number | null;
};

export type Model = {
  readonly name: string;
  readonly version: string;
  readonly sha256: string;
  readonly bundle_sha256: string | null;
  readonly registered_at: string;
  readonly policy: {
    readonly version: string;
    readonly approve_below: number;
    readonly decline_at_or_above: number;
    readonly low_below: number;
    readonly high_at_or_above: number;
  } | null;
  readonly features: readonly ModelFeature[];
};

type WithoutCounts<Comparison> = Comparison extends unknown ? Omit<Comparison, "counts"> : never;

/** A report of a list: without the counts of its features' bins and without its quality checks. */
export type ListedReport = Omit<DriftReport, "features" | "quality"> & {
  readonly id: number;
  readonly features: readonly WithoutCounts<FeatureComparison>[];
};

export type DriftPage = Page<ListedReport> & { readonly provisional: DriftReport | null };

/** The bins of a feature, or of the scores, with their counts in the reference. */
export type ReferenceFeature = FeatureBins & { readonly missing: number; readonly n: number };

export type FullReport = {
  readonly report: DriftReport;
  /** Null where the model's reference is no longer known. */
  readonly reference: {
    readonly features: Readonly<Record<string, ReferenceFeature>>;
    readonly score: NumberBins | null;
  } | null;
};

export type DeadLetter = {
  /** Such as applications-17. */
  readonly name: string;
  readonly reason: DeadLetterReason;
  readonly error: string;
  readonly subject: string;
  readonly time: string;
  readonly bytes: number;
};

export type DeadLetterWithPayload = DeadLetter & { readonly payload: string };

export type ProblemBody = {
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly errors?: readonly { readonly field: string; readonly detail: string }[];
};
