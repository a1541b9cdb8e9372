/** Loan applications as upstream systems publish them on `applications.<channel>`. */

export type FeatureValue = number | string | boolean | null;

export type ApplicationEvent = {
  readonly application_id: string;
  /** RFC 3339. */
  readonly submitted_at: string;
  readonly features: Readonly<Record<string, FeatureValue>>;
  /** Serves fairness only; never an input of a model. */
  readonly protected?: Readonly<Record<string, FeatureValue>> | null;
  /** The id of the application that this one amends. */
  readonly supersedes?: string | null;
};

export const APPLICATION_ID = /^[A-Za-z0-9_-]{1,64}$/;
export const CHANNEL = /^[a-z0-9_-]{1,32}$/;

/** A larger payload is dead-lettered as `oversized`. */
export const MAX_APPLICATION_BYTES = 256 * 1024;
