import { MAX_APPLICATION_BYTES } from "../contracts/application.ts";
import type { ReadLines } from "../gateway/applications/uploads.ts";
import { Problem } from "../gateway/problem.ts";
import { applicationEvents } from "../ingest/event-kind.ts";
import { eventLines } from "../ingest/event-lines.ts";
import type { Manifest } from "../models/manifest.ts";
import { messageOf, OperatorError } from "../platform/errors.ts";

/** More than any application may have, so that a longer one is found to be too long, not cut off. */
const MOST_BYTES = MAX_APPLICATION_BYTES + 1;
/** Advice for the command line. */
const MAPPING_ADVICE = / Say with --map .*$/s;

/** Reads uploaded files as `publish` reads files; whether their applications are valid is asked elsewhere. */
export function createReadLines(manifest: Manifest): ReadLines {
  const { rowConversion } = applicationEvents(manifest);
  const kind = { rowConversion, check: () => ({ applicationId: undefined, fault: undefined }) };
  return async function* readLines(chunks, format) {
    const name = "the file";
    const source = { name, path: undefined, format, gzip: false, size: undefined, origin: name };
    try {
      for await (const lines of eventLines(source, chunks, { kind, mapping: undefined, mostBytes: MOST_BYTES })) {
        yield lines.map(({ number, payload, fault }) => ({ line: number, payload, fault }));
      }
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      const detail = messageOf(error).replace(MAPPING_ADVICE, " The first line names the columns.");
      throw new Problem({
        status: 422,
        title: "Unreadable file",
        detail: `${detail[0]!.toUpperCase()}${detail.slice(1)}`,
      });
    }
  };
}
