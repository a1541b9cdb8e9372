import { APPLICATION_ID } from "../contracts/application.ts";
import { OperatorError } from "../platform/errors.ts";
import { asNumber } from "./csv-columns.ts";
import type { LineKind } from "./event-kind.ts";

/** What is read of a score; score events have it, and so do rows of application_id,score. */
export type ScoreLine = { readonly application_id: string; readonly score: number };

const FIELDS = ["application_id", "score"] as const;

export const SCORE_LINES: LineKind = {
  check(payload) {
    let value: unknown;
    try {
      value = JSON.parse(Buffer.from(payload).toString());
    } catch {
      return { applicationId: undefined, fault: "the score is not valid JSON; it may be cut off" };
    }
    const { application_id: id, score } = Object(value) as Partial<Record<keyof ScoreLine, unknown>>;
    if (typeof id !== "string" || !APPLICATION_ID.test(id)) {
      return { applicationId: undefined, fault: 'application_id must be 1 to 64 letters, digits, "_" or "-"' };
    }
    const isProbability = typeof score === "number" && score >= 0 && score <= 1;
    return { applicationId: id, fault: isProbability ? undefined : "score must be a number from 0 to 1" };
  },
  rowConversion(header, _, where) {
    const [id, score] = FIELDS.map((name) => {
      const column = header.indexOf(name);
      if (column === -1) throw new OperatorError(`${where} has no column ${name}; it needs ${FIELDS.join(" and ")}.`);
      return column;
    }) as [number, number];
    return (cells) => ({ application_id: cells[id]!.trim(), score: asNumber(cells[score]!.trim()) });
  },
};
