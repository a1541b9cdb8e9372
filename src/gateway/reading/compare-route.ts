import { createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import multipart, { type MultipartFile } from "@fastify/multipart";
import type { FastifyRequest } from "fastify";
import { multipartFault } from "../multipart-fault.ts";
import { badRequest, Problem } from "../problem.ts";
import type { Gateway } from "../server.ts";

/** Compares two files in a folder; what is wrong with them is said as a sentence that names file and line. */
export type CompareFiles = (
  folder: string,
  files: { readonly reference: string; readonly current: string },
  signal: AbortSignal,
) => Promise<{ readonly report: object } | { readonly fault: string }>;

const MOST_BYTES = 64 * 1024 * 1024;
const PARTS = ["reference", "current"] as const;
type Part = (typeof PARTS)[number];
/** What a file may be; a reference may also be a profile. */
const ENDINGS = {
  reference: [".jsonl", ".csv", ".jsonl.gz", ".csv.gz", ".json"],
  current: [".jsonl", ".csv", ".jsonl.gz", ".csv.gz"],
};

/** Comparing takes a core for seconds: one at a time. */
const BUSY_RETRY_S = 10;

const FILE = { type: "string", format: "binary" } as const;

/** Drift between two uploaded files of applications, which are kept no longer than the comparison takes. */
export async function addCompareRoute(
  gateway: Gateway,
  { compare, uploadFolder }: { readonly compare: CompareFiles; readonly uploadFolder: string },
): Promise<void> {
  let isBusy = false;
  await gateway.register(multipart, { limits: { files: PARTS.length, fields: 0, fileSize: MOST_BYTES } });
  gateway.post(
    "/v1/drift/compare",
    {
      config: {
        role: "viewer",
        body: {
          "multipart/form-data": {
            type: "object",
            required: PARTS,
            properties: {
              reference: {
                ...FILE,
                description: "applications (.jsonl, .csv, also .gz), or a reference profile (.json)",
              },
              current: { ...FILE, description: "applications (.jsonl, .csv, also .gz)" },
            },
          },
        },
      },
      schema: {
        summary: "Compares the applications of two files",
        tags: ["drift"],
        response: { 200: { type: "object", additionalProperties: true } },
      },
    },
    async (request) => {
      const folder = await mkdtemp(join(uploadFolder, "compare-"));
      let isOurs = false;
      try {
        const files = await filesOf(request, folder).catch((error) => {
          throw multipartFault(error);
        });
        if (isBusy) throw busy();
        isOurs = isBusy = true;
        const gone = new AbortController();
        request.raw.once("close", () => request.raw.destroyed && gone.abort(new Error("the client has gone")));
        const outcome = await compare(folder, files, gone.signal);
        if ("report" in outcome) return outcome.report;
        throw new Problem({ status: 422, title: "Not comparable", detail: outcome.fault });
      } finally {
        if (isOurs) isBusy = false;
        // What nobody reads would stand before the next request on the connection.
        request.raw.unpipe();
        request.raw.resume();
        await rm(folder, { recursive: true, force: true });
      }
    },
  );
}

async function filesOf(request: FastifyRequest, folder: string): Promise<Record<Part, string>> {
  if (!request.isMultipart()) {
    throw new Problem({
      status: 415,
      title: "Unsupported media type",
      detail: "Send multipart/form-data with the files reference and current.",
    });
  }
  const names: Partial<Record<Part, string>> = {};
  for await (const part of request.files()) {
    const field = PARTS.find((name) => name === part.fieldname);
    if (field === undefined || names[field] !== undefined) {
      part.file.resume();
      // Without a name it is undefined, whatever its type says.
      throw fault((part.fieldname ?? "").slice(0, 64), "isn't expected; send one file each as reference and current");
    }
    names[field] = await store(part, field, folder);
  }
  for (const field of PARTS) if (names[field] === undefined) throw fault(field, "is required but missing");
  return names as Record<Part, string>;
}

/** Under a name of ours: the sender's may be anything. Only how it ends says what the file is. */
async function store(part: MultipartFile, field: Part, folder: string): Promise<string> {
  const ending = ENDINGS[field].findLast((candidate) => part.filename.toLowerCase().endsWith(candidate));
  if (ending === undefined) {
    part.file.resume();
    throw fault(field, `must be a file whose name ends with ${ENDINGS[field].join(", ")}`);
  }
  const name = `${field}${ending}`;
  await pipeline(part.file, createWriteStream(join(folder, name), { mode: 0o600 }));
  if (part.file.truncated) {
    const detail = `The file ${field} is larger than ${MOST_BYTES / 1024 / 1024} MiB. Compare it with \`plumbline drift compare\`.`;
    throw new Problem({ status: 413, title: "Too large", detail });
  }
  return name;
}

function busy(): Problem {
  return new Problem({
    status: 429,
    title: "Too many requests",
    detail: "Another comparison is running. Try again.",
    retryAfterS: BUSY_RETRY_S,
  });
}

function fault(field: string, detail: string): Problem {
  return badRequest("The request doesn't fit the route's schema.", [{ field, detail }]);
}
