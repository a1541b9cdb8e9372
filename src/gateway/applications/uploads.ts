import { createReadStream } from "node:fs";
import type { SavedMultipartFile } from "@fastify/multipart";
import type { FastifyRequest } from "fastify";
import { MAX_APPLICATION_BYTES } from "../../contracts/application.ts";
import type { Validator } from "../../models/validate.ts";
import { multipartFault } from "../multipart-fault.ts";
import { badRequest, Problem } from "../problem.ts";
import { applicationIdOf, type BatchEntry } from "./batch.ts";
import { readPayload } from "./reading-applications.ts";

export type UploadFormat = "jsonl" | "csv";

/** An application as it stands on a line or row of a file. */
type UploadedLine = {
  /** Counted from 1. */
  readonly line: number;
  readonly payload: Uint8Array;
  /** Set when a row can't be made an application of, as a sentence. */
  readonly fault: string | undefined;
};

/** Reads the applications of a file, some at a time. @throws Problem 422 when there are none, or its header doesn't fit. */
export type ReadLines = (chunks: AsyncIterable<Uint8Array>, format: UploadFormat) => AsyncIterable<UploadedLine[]>;

export const MOST_UPLOAD_BYTES = 64 * 1024 * 1024;
/** Their results are held in memory until all are there. */
const MOST_UPLOAD_LINES = 100_000;

/** A file that has arrived as a whole. */
export type Upload = { readonly path: string; readonly format: UploadFormat };

/**
 * Takes in the one file of a multipart request. It is kept for the length of the request, so that nothing of a file is
 * submitted that is cut off or too large.
 * @throws Problem 400, 413 or 415.
 */
export async function receiveUpload(request: FastifyRequest, folder: string): Promise<Upload> {
  const file = await saveFile(request, folder);
  if (file === undefined)
    throw badRequest("The request has no file.", [{ field: "file", detail: "is required but missing" }]);
  const format = /\.(jsonl|ndjson|csv)$/i.exec(file.filename)?.[1]?.toLowerCase();
  if (format === undefined) {
    const detail = "The file's name must end in .csv or .jsonl, to say what is in it; unpack it if it is packed.";
    throw new Problem({ status: 415, title: "Unsupported media type", detail });
  }
  return { path: file.filepath, format: format === "csv" ? "csv" : "jsonl" };
}

async function saveFile(request: FastifyRequest, folder: string): Promise<SavedMultipartFile | undefined> {
  const limits = { files: 1, fields: 4, fieldSize: 1_024, parts: 5, fileSize: MOST_UPLOAD_BYTES };
  try {
    return (await request.saveRequestFiles({ tmpdir: folder, limits })).files[0];
  } catch (error) {
    throw multipartFault(error);
  }
}

export type UploadReading = { readonly validator: Validator; readonly readLines: ReadLines };

/** The entries of a file, some at a time. @throws Problem 413 before the first when there are too many. */
export async function* uploadEntries(upload: Upload, reading: UploadReading): AsyncGenerator<BatchEntry[]> {
  const open = () => createReadStream(upload.path);
  let lines = 0;
  for await (const batch of reading.readLines(open(), upload.format)) {
    lines += batch.length;
    if (lines > MOST_UPLOAD_LINES) throw tooMany(`A file has at most ${MOST_UPLOAD_LINES} applications. Split it.`);
  }
  yield* entriesOf(open(), upload.format, reading);
}

/** The entries of bytes in one of the formats. */
export async function* entriesOf(
  chunks: AsyncIterable<Uint8Array>,
  format: UploadFormat,
  { validator, readLines }: UploadReading,
): AsyncGenerator<BatchEntry[]> {
  for await (const batch of readLines(chunks, format)) {
    yield batch.map(({ line, payload, fault }): BatchEntry => {
      if (fault !== undefined) {
        return { ok: false, errors: [{ field: "the row", detail: fault }], line, applicationId: undefined };
      }
      const read = readPayload(validator, payload);
      const applicationId = read.ok ? read.candidate.event.application_id : idIn(payload);
      return { ...read, line, applicationId };
    });
  }
}

export function tooMany(detail: string): Problem {
  return new Problem({ status: 413, title: "Too large", detail });
}

function idIn(payload: Uint8Array): string | undefined {
  if (payload.length > MAX_APPLICATION_BYTES) return undefined;
  try {
    return applicationIdOf(JSON.parse(Buffer.from(payload).toString()));
  } catch {
    return undefined;
  }
}
