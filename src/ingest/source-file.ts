import { constants, createReadStream, type ReadStream } from "node:fs";
import { access, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { addAbortSignal, pipeline, type Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { messageOf, OperatorError, UsageError } from "../platform/errors.ts";
import { fileFault } from "../platform/file-fault.ts";

export const FORMATS = ["jsonl", "csv"] as const;
export type Format = (typeof FORMATS)[number];

/** A file of events, or standard input. */
export type Source = {
  /** As it was given; "stdin" for standard input. */
  readonly name: string;
  /** Undefined for standard input. */
  readonly path: string | undefined;
  readonly format: Format;
  readonly gzip: boolean;
  /** In bytes as stored; undefined when nobody knows yet. */
  readonly size: number | undefined;
  /** The same for the same file in every run, and for standard input only in this one. */
  readonly origin: string;
};

export type OpenSource = {
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Read so far, as stored. */
  bytesRead(): number;
};

const CHUNK_BYTES = 128 * 1024;
const STANDARD_INPUT = "-";

/**
 * What is behind each of the names given on the command line, "-" being standard input.
 * @param format of what has no known extension; standard input is JSON lines without it.
 * @throws UsageError or OperatorError that says which file can't be read, before anything of the others is.
 */
export async function findSources(names: readonly string[], format: Format | undefined): Promise<Source[]> {
  const inputs = names.filter((name) => name === STANDARD_INPUT);
  if (inputs.length > 1) throw new UsageError("standard input (-) can be read only once");
  return Promise.all(names.map((name) => (name === STANDARD_INPUT ? standardInput(format) : findFile(name, format))));
}

function standardInput(format: Format = "jsonl"): Source {
  const origin = `stdin of process ${process.pid}, started at ${Date.now() - process.uptime() * 1000}`;
  return { name: "stdin", path: undefined, format, gzip: false, size: undefined, origin };
}

async function findFile(name: string, format: Format | undefined): Promise<Source> {
  const [, extension, gz] = /\.(jsonl|csv)(\.gz)?$/i.exec(name) ?? [];
  const known = FORMATS.find((candidate) => candidate === extension?.toLowerCase());
  const info = await reading(name, () => stat(name));
  if (info.isDirectory()) throw new OperatorError(`${name} is a folder; name the files in it.`);
  await reading(name, () => access(name, constants.R_OK));
  if (info.isFile() && info.size === 0) throw new OperatorError(`${name} is empty.`);
  const found = format ?? known;
  if (found === undefined) {
    throw new UsageError(
      `${name} has no extension that says what is in it (.jsonl or .csv, with .gz when compressed). Say it with --format.`,
    );
  }
  const gzip = gz !== undefined || /\.gz$/i.test(name);
  const path = resolve(name);
  // A pipe such as /dev/fd/63 has no size.
  return { name, path, format: found, gzip, size: info.isFile() ? info.size : undefined, origin: path };
}

/** Opens a source; its chunks end early when the signal aborts, and throw an OperatorError when it can't be read. */
export function openSource(source: Source, signal: AbortSignal): OpenSource {
  const file =
    source.path === undefined ? process.stdin : createReadStream(source.path, { highWaterMark: CHUNK_BYTES });
  // Its errors come out of the chunks.
  const stream: Readable = source.gzip ? pipeline(file, createGunzip({ chunkSize: CHUNK_BYTES }), () => {}) : file;
  addAbortSignal(signal, stream);
  return { chunks: chunksOf(source, stream, signal), bytesRead: () => (file as ReadStream).bytesRead };
}

async function* chunksOf({ name, gzip }: Source, stream: Readable, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    yield* stream;
  } catch (error) {
    if (signal.aborted) return;
    const unpacking = gzip && (error as NodeJS.ErrnoException).code?.startsWith("Z_");
    throw unpacking
      ? new OperatorError(`${name} can't be unpacked, it is damaged or no gzip file: ${messageOf(error)}`, {
          cause: error,
        })
      : unreadable(name, error);
  }
}

async function reading<T>(name: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw unreadable(name, error);
  }
}

function unreadable(name: string, error: unknown): OperatorError {
  return new OperatorError(`cannot read ${name}: ${fileFault(error)}`, { cause: error });
}
