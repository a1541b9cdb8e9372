import multipart from "@fastify/multipart";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Manifest } from "../../models/manifest.ts";
import { badRequest, unavailable } from "../problem.ts";
import type { Gateway } from "../server.ts";
import { applicationIdOf, type BatchEntry, type BatchItem, batchAnswer, STATUSES, submitBatch } from "./batch.ts";
import { readValue } from "./reading-applications.ts";
import { RESULT_FORMATS, type ResultFormat, resultsAsCsv, resultsAsLines } from "./results.ts";
import { applicationBody, CHANNEL_PARAMETER } from "./schemas.ts";
import type { Submitter } from "./submitter.ts";
import { entriesOf, MOST_UPLOAD_BYTES, receiveUpload, tooMany, type UploadReading, uploadEntries } from "./uploads.ts";

export type BatchParts = UploadReading & {
  /** Of the model that applications are validated for. */
  readonly manifest: Manifest;
  readonly submitter: Submitter;
  /** A folder that nobody else reads, for files while they are worked on. */
  readonly uploadFolder: string;
};

type BatchQuery = { readonly channel: string; readonly results?: ResultFormat };
type BatchRequest = FastifyRequest<{ Querystring: BatchQuery }>;

const MOST_APPLICATIONS = 1_000;
/** A thousand applications of 8 KiB; they have about 1. */
const MOST_BATCH_BYTES = 8 * 1024 * 1024;
/** Of an upload, so many are submitted together. */
const WINDOW = 1_000;
/** At a time: each may be 64 MiB on disk, and its results as much in memory. */
const MOST_UPLOADS = 8;
const BUSY_RETRY_S = 5;
const JSON_LINES = ["application/x-ndjson", "application/jsonl"];

const COUNT = { type: "integer" };
const ITEM = {
  type: "object",
  required: ["index", "status"],
  properties: {
    index: { ...COUNT, description: "Its place, from 0." },
    line: { ...COUNT, description: "Where it stands in a file or in JSON lines, from 1." },
    application_id: { type: "string" },
    status: { type: "string", enum: [...STATUSES] },
    sequence: COUNT,
    errors: {
      type: "array",
      items: { type: "object", properties: { field: { type: "string" }, detail: { type: "string" } } },
    },
  },
};
const ANSWER = {
  type: "object",
  description: "How many there are of each kind, and what became of each.",
  properties: {
    ...Object.fromEntries(STATUSES.map((status) => [status, COUNT])),
    items: { type: "array", items: ITEM },
  },
};

/** POST /v1/applications/batch: many at a time, an answer for each. */
export async function addBatchRoute(server: Gateway, parts: BatchParts): Promise<void> {
  const { submitter, validator, manifest, uploadFolder } = parts;
  await server.register(multipart, { throwFileSizeLimit: true, limits: { fileSize: MOST_UPLOAD_BYTES } });
  let uploads = 0;
  server.removeContentTypeParser("text/plain");
  server.addContentTypeParser(["application/json", ...JSON_LINES], { parseAs: "buffer" }, (_, body, done) =>
    done(null, body),
  );

  server.post<{ Querystring: BatchQuery }>(
    "/v1/applications/batch",
    {
      bodyLimit: MOST_BATCH_BYTES,
      config: {
        role: "publisher",
        body: {
          "application/json": { type: "array", maxItems: MOST_APPLICATIONS, items: applicationBody(manifest) },
          "application/x-ndjson": { type: "string", description: "An application per line, up to 1,000." },
          "multipart/form-data": {
            type: "object",
            required: ["file"],
            properties: {
              file: { type: "string", format: "binary", description: "A .csv or .jsonl file, up to 64 MiB." },
            },
          },
        },
      },
      schema: {
        tags: ["applications"],
        summary: "Submit many applications",
        description:
          "A JSON array or JSON lines of up to 1,000, or an uploaded .csv or .jsonl file. Those that are not valid don't keep the others from being submitted. 503: send all of it again; nothing is taken twice.",
        querystring: {
          type: "object",
          required: ["channel"],
          additionalProperties: false,
          properties: {
            channel: CHANNEL_PARAMETER,
            results: {
              type: "string",
              enum: [...RESULT_FORMATS],
              description: "How the answer is written; jsonl and csv to be kept as a file.",
            },
          },
        },
        response: { 200: ANSWER },
      },
    },
    async (request: BatchRequest, reply) => {
      const { channel, results = "json" } = request.query;
      if (!request.isMultipart()) return answer(await submitAll(request, channel), results, reply);
      if (uploads >= MOST_UPLOADS) {
        throw unavailable("Other files are being worked on. Send it again; nothing was taken of it.", BUSY_RETRY_S);
      }
      uploads++;
      try {
        return answer(await submitAll(request, channel), results, reply);
      } finally {
        uploads--;
      }
    },
  );

  async function submitAll(request: BatchRequest, channel: string): Promise<BatchItem[]> {
    const items: BatchItem[] = [];
    for await (const entries of windows(batches(request))) {
      items.push(...(await submitBatch(submitter, entries, channel, items.length)));
    }
    return items;
  }

  /** The entries of a request, some at a time; those of JSON all at once, when it is known that they aren't too many. */
  async function* batches(request: BatchRequest): AsyncGenerator<BatchEntry[]> {
    if (request.isMultipart()) {
      yield* uploadEntries(await receiveUpload(request, uploadFolder), parts);
      return;
    }
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    if (JSON_LINES.includes(mediaType(request))) {
      const entries = (await Array.fromAsync(entriesOf(chunk(body), "jsonl", parts))).flat();
      requireFew(entries);
      yield entries;
    } else {
      const list = listIn(body);
      requireFew(list);
      yield list.map((value) => ({ ...readValue(validator, value), applicationId: applicationIdOf(value) }));
    }
  }
}

function requireFew({ length }: readonly unknown[]): void {
  if (length <= MOST_APPLICATIONS) return;
  throw tooMany(
    `A batch has at most ${MOST_APPLICATIONS} applications; this one has ${length}. Upload a file instead.`,
  );
}

function listIn(body: Buffer): readonly unknown[] {
  const list = parsed(body);
  if (Array.isArray(list)) return list;
  throw badRequest("The body must be a JSON array of applications.", [{ field: "body", detail: "must be an array" }]);
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    // The parser's own message quotes the body.
    throw badRequest("The body is not valid JSON; it may be cut off.", [
      { field: "body", detail: "must be valid JSON" },
    ]);
  }
}

async function* chunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Cuts what comes in parts of any size into parts that are submitted together. */
async function* windows(batches: AsyncIterable<BatchEntry[]>): AsyncGenerator<BatchEntry[]> {
  const open: BatchEntry[] = [];
  for await (const batch of batches) {
    open.push(...batch);
    while (open.length >= WINDOW) yield open.splice(0, WINDOW);
  }
  if (open.length > 0) yield open;
}

function mediaType({ headers }: FastifyRequest): string {
  return (headers["content-type"] ?? "").split(";", 1)[0]!.trim().toLowerCase();
}

function answer(items: readonly BatchItem[], format: ResultFormat, reply: FastifyReply): FastifyReply {
  if (format === "json") return reply.send(batchAnswer(items));
  reply.header("content-disposition", `attachment; filename="results.${format}"`);
  if (format === "csv") return reply.type("text/csv; charset=utf-8; header=present").send(resultsAsCsv(items));
  return reply.type("application/x-ndjson; charset=utf-8").send(resultsAsLines(items));
}
