import { readFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import { messageOf, OperatorError } from "../src/platform/errors.ts";

/** The objects of a file with one JSON value per line, gzipped when its name ends in .gz. */
export async function readJsonLines<T>(file: string): Promise<T[]> {
  const lines = (await readText(file)).split("\n");
  return lines.flatMap((line, index) => {
    if (line.trim() === "") return [];
    try {
      return [JSON.parse(line) as T];
    } catch (error) {
      throw new OperatorError(`${file}:${index + 1} is not JSON.`, { cause: error });
    }
  });
}

export async function readText(file: string): Promise<string> {
  try {
    const content = await readFile(file);
    return (file.endsWith(".gz") ? gunzipSync(content) : content).toString("utf8");
  } catch (error) {
    throw new OperatorError(`Cannot read ${file}: ${messageOf(error)}.`, { cause: error });
  }
}
