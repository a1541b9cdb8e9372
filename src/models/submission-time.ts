const RFC_3339 = /^\d{4}-\d{2}-\d{2}[Tt]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)$/;

/** RFC 3339 knows years of four digits; an offset can move a time out of them. */
const [FIRST, LAST] = [Date.parse("0000-01-01T00:00:00Z"), Date.parse("9999-12-31T23:59:59.999Z")];

/** The instant of an RFC 3339 time with offset, in milliseconds since 1970, or undefined when it isn't one. */
export function submissionTime(text: string): number | undefined {
  if (!RFC_3339.test(text)) return undefined;
  const instant = Date.parse(text);
  if (!(instant >= FIRST && instant <= LAST)) return undefined;
  // Date.parse takes 30 February for 2 March.
  const day = Number(text.slice(8, 10));
  return day > 28 && new Date(`${text.slice(0, 10)}T00:00:00Z`).getUTCDate() !== day ? undefined : instant;
}
