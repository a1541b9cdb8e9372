import { createHash } from "node:crypto";
import { APPLICATION_ID } from "../contracts/application.ts";
import { payloadDigest, recommendedMessageId } from "../contracts/content.ts";

/** The `Nats-Msg-Id` of each line of a file. */
export type MessageIds = {
  /**
   * With an application id the recommended one. Without, one of the line's own, the same whenever the file is published
   * again: two broken lines that are equal are two messages, and a line that is sent twice is one.
   */
  of(applicationId: string | undefined, payload: Uint8Array, line: number): string;
};

/** @param origin tells one file from another. */
export function createMessageIds(origin: string): MessageIds {
  const file = createHash("sha256").update(origin).digest("hex").slice(0, 16);
  return {
    of(applicationId, payload, line) {
      if (applicationId !== undefined) return recommendedMessageId(applicationId, payload);
      return `${payloadDigest(payload)}:${file}:${line}`;
    },
  };
}

/** The application id in a payload that is a JSON object with a valid one, whatever else is wrong with it. */
export function applicationIdIn(payload: Uint8Array): string | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString());
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, "application_id")) return undefined;
    const { application_id: id } = value as { application_id: unknown };
    return typeof id === "string" && APPLICATION_ID.test(id) ? id : undefined;
  } catch {
    return undefined;
  }
}
