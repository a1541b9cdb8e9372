import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ROOT } from "../../src/app/environment.ts";

export type Transcript = {
  /** Adds a line with the time since the beginning. */
  note(line: string): void;
  /** Writes what was noted, and the table after it, to test-artefacts/incident.md. */
  write(table: string): Promise<void>;
};

/** What happened when, on the screen and for the record. */
export function startTranscript(): Transcript {
  const from = Date.now();
  const lines: string[] = [];
  return {
    note(line) {
      const timed = `${((Date.now() - from) / 1000).toFixed(1).padStart(6)} s  ${line}`;
      lines.push(timed);
      process.stdout.write(`${timed}\n`);
    },
    async write(table) {
      const folder = join(ROOT, "test-artefacts");
      await mkdir(folder, { recursive: true });
      await writeFile(
        join(folder, "incident.md"),
        `# Incident run\n\n${lines.map((line) => `    ${line}`).join("\n")}\n\n${table}`,
      );
    },
  };
}
