import { messageOf } from "./errors.ts";

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or folder",
  EACCES: "permission denied",
  EISDIR: "it is a folder",
  ENOTDIR: "it is not a folder",
};

/** Why a file can't be read, in words where the system has a code. */
export function fileFault(error: unknown): string {
  return REASONS[(error as NodeJS.ErrnoException).code ?? ""] ?? messageOf(error);
}
