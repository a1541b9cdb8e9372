/** What is known of an id that was submitted a moment ago. */
type Claim =
  | { readonly kind: "free" }
  /** With the same content; `sequence` once the broker has acknowledged it. */
  | { readonly kind: "same"; readonly sequence: number | undefined }
  | { readonly kind: "other" };

export type RecentSubmissions = {
  /** Claims an id for a content, by its digest, unless it was submitted with other content a moment ago. */
  claim(applicationId: string, digest: string): Claim;
  /** Notes that the broker has it. */
  stored(applicationId: string, digest: string, sequence: number): void;
  /** Gives an id back whose submission was refused. */
  release(applicationId: string, digest: string): void;
};

/** Far longer than it takes to decide; from then on the record knows. */
const REMEMBERED_MS = 60_000;
const MOST_REMEMBERED = 100_000;

/**
 * Remembers what was submitted here and may not be decided yet, so that other content under the same id is refused at once
 * instead of becoming a dead letter. A help, not the guarantee: another gateway may have taken the first one.
 * @param now milliseconds since any fixed moment.
 */
export function createRecentSubmissions(now: () => number = () => performance.now()): RecentSubmissions {
  type Submission = { readonly digest: string; readonly at: number; sequence: number | undefined };
  // In the order of their claims, so the first is the oldest.
  const submissions = new Map<string, Submission>();

  function forgetOld(): void {
    for (const [id, { at }] of submissions) {
      if (now() - at < REMEMBERED_MS && submissions.size < MOST_REMEMBERED) return;
      submissions.delete(id);
    }
  }

  function own(applicationId: string, digest: string): Submission | undefined {
    const known = submissions.get(applicationId);
    return known?.digest === digest ? known : undefined;
  }

  return {
    claim(applicationId, digest) {
      forgetOld();
      const known = submissions.get(applicationId);
      if (known === undefined) {
        submissions.set(applicationId, { digest, at: now(), sequence: undefined });
        return { kind: "free" };
      }
      return known.digest === digest ? { kind: "same", sequence: known.sequence } : { kind: "other" };
    },
    stored(applicationId, digest, sequence) {
      const known = own(applicationId, digest);
      if (known) known.sequence = sequence;
    },
    release(applicationId, digest) {
      const known = own(applicationId, digest);
      if (known !== undefined && known.sequence === undefined) submissions.delete(applicationId);
    },
  };
}
