import { type FileHandle, open, rename, stat } from "node:fs/promises";
import { writing } from "./state-folder.ts";

const ROTATE_AT_BYTES = 10 * 1024 * 1024;
const LINES_SHOWN = 8;

export type ServerLog = {
  readonly path: string;
  /** For a child's standard output and error; close it once the child is spawned. */
  readonly file: FileHandle;
  /** The last lines written since the log was opened. */
  lastLines(): Promise<string>;
};

/** Opens a server's log for appending; a long one is set aside as `<path>.1` first. */
export async function openServerLog(path: string): Promise<ServerLog> {
  return writing(path, async () => {
    const size = await sizeOf(path);
    if (size > ROTATE_AT_BYTES) await rename(path, `${path}.1`);
    const file = await open(path, "a", 0o640);
    const start = size > ROTATE_AT_BYTES ? 0 : size;
    return { path, file, lastLines: () => lastLines(path, start) };
  });
}

async function lastLines(path: string, start: number): Promise<string> {
  const file = await open(path, "r");
  try {
    const length = Math.min(16_384, Math.max(0, (await file.stat()).size - start));
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, (await file.stat()).size - length);
    return buffer.toString("utf8", 0, bytesRead).trim().split("\n").slice(-LINES_SHOWN).join("\n");
  } finally {
    await file.close();
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return 0;
    throw error;
  }
}
