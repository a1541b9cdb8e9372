import { writeFile } from "node:fs/promises";
import { OperatorError } from "../platform/errors.ts";
import { fileFault } from "../platform/file-fault.ts";

/** @throws OperatorError when the file can't be written. */
export async function writePage(file: string, page: string): Promise<void> {
  try {
    await writeFile(file, page);
  } catch (error) {
    throw new OperatorError(`cannot write ${file}: ${fileFault(error)}`, { cause: error });
  }
}
