import type { Random } from "./seed.ts";

/** An application event as an upstream system would send it. */
export type TestApplication = {
  application_id: string;
  submitted_at: string;
  features: Record<string, unknown>;
  protected?: Record<string, unknown>;
  supersedes?: string;
};

const CHANNELS = ["web", "branch", "broker-7"] as const;
const PURPOSES = ["debt_consolidation", "credit_card", "car", "small_business", "medical", "wedding"] as const;
const OWNERSHIP = ["rent", "own", "mortgage"] as const;
const FIRST_SUBMISSION = Date.UTC(2026, 0, 1);

/** A plausible application for the shipped model: approved, referred and declined ones all occur. */
export function makeApplication(id: string, random: Random): TestApplication {
  const application: TestApplication = {
    application_id: id,
    submitted_at: new Date(FIRST_SUBMISSION + random.below(86_400_000 * 90)).toISOString(),
    features: {
      loan_amount: 500 + 25 * random.below(1_400),
      term_months: random.pick([36, 60]),
      annual_income: random.next() < 0.05 ? null : 8_000 + random.below(150_000),
      dti: Number((random.next() * 35).toFixed(2)),
      credit_history_months: random.below(480),
      inquiries_6m: random.below(9),
      open_accounts: random.below(30),
      revolving_balance: random.below(60_000),
      revolving_utilization: random.next(),
      home_ownership: random.pick(OWNERSHIP),
      purpose: random.pick(PURPOSES),
    },
  };
  if (random.next() < 0.3) application.protected = { sex: random.pick(["female", "male"]), age: 18 + random.below(60) };
  if (random.next() < 0.05) application.supersedes = `${id}-old`;
  return application;
}

export function pickChannel(random: Random): string {
  return random.pick(CHANNELS);
}

/** The same content in other words: keys in reverse, white space, the submission at another offset, absent as null. */
export function reworded({ application_id, submitted_at, features, ...rest }: TestApplication): string {
  const reversed = Object.fromEntries(Object.entries({ ...features, not_given: null }).reverse());
  const local = new Date(Date.parse(submitted_at) + 3_600_000).toISOString().replace("Z", "+01:00");
  const { protected: shielded = null, ...others } = rest;
  return JSON.stringify(
    { protected: shielded, features: reversed, ...others, submitted_at: local, application_id },
    null,
    2,
  );
}

/** The same id with another content. */
export function amended(application: TestApplication): string {
  return JSON.stringify({ ...application, features: { ...application.features, loan_amount: 7_654_321 } });
}
