import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A command of a page of the documentation, and what the page says comes of it. */
export type DocStep = {
  /** The line of the page that the command is on, from 1. */
  readonly line: number;
  readonly command: string;
  /** Empty when the page shows none: then the command must succeed. */
  readonly output: string;
  /** What the block says behind its language, `run` included. */
  readonly marks: readonly string[];
};

export type DocBlock = {
  readonly line: number;
  readonly language: string;
  readonly marks: readonly string[];
  readonly text: string;
};

const FENCED = /^```(\w+)([ \w-]*)\n([\s\S]*?)^```$/gm;

/** The fenced blocks of a page. Pure. */
export function docBlocks(page: string): DocBlock[] {
  return [...page.matchAll(FENCED)].map(({ index, 1: language, 2: marks, 3: text }) => ({
    line: page.slice(0, index).split("\n").length + 1,
    language: language!,
    marks: marks!.trim().split(" ").filter(Boolean),
    text: text!,
  }));
}

/**
 * The steps of a page's blocks that are marked `run`: the commands of ```console, and each ```sql as the user that the page has
 * put into $ANALYST. Pure.
 */
export function docSteps(page: string): DocStep[] {
  return docBlocks(page)
    .filter(({ marks }) => marks.includes("run"))
    .flatMap(({ language, line, marks, text }) => {
      if (language === "sql") return [{ line, command: asAnalyst(text), output: "", marks }];
      return stepsOf(text).map((step) => ({ ...step, line: line + step.line, marks }));
    });
}

function asAnalyst(statements: string): string {
  return `psql "$ANALYST" --no-psqlrc --set ON_ERROR_STOP=1 <<'STATEMENTS'\n${statements}STATEMENTS`;
}

/**
 * What follows a `$` is typed, up to the end of its here-document or of its last line that ends in a backslash; the lines
 * after it are what comes of it. `line` counts from 0. Pure.
 */
export function stepsOf(text: string): Omit<DocStep, "marks">[] {
  const lines = text.split("\n");
  const starts = lines.flatMap((line, index) => (line.startsWith("$ ") ? [index] : []));
  return starts.map((start, index) => {
    const [first, ...rest] = lines.slice(start, starts[index + 1]);
    let typed = rest.indexOf("EOF") + 1;
    for (let line = first!; line.endsWith("\\"); line = rest[typed - 1]!) typed++;
    return {
      line: start,
      command: [first!.slice(2), ...rest.slice(0, typed)].join("\n"),
      output: rest.slice(typed).join("\n").trimEnd(),
    };
  });
}

/** Times, rates and the stream's own numbers differ from run to run; an ellipsis stands for anything. Pure. */
export function outputPattern(output: string): RegExp {
  const escaped = output
    .replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:\\.]+Z/g, "\\S+Z")
    .replaceAll(/in \d+\\\.\d s \\\(\d+\/s\\\)/g, "in [\\d.]+ s \\([\\d,]+/s\\)")
    .replaceAll(/("contribution":|"sequence":|\bsequence |\bapplications-)[\d\\.]+/g, "$1[\\d.]+")
    .replaceAll(/^…$/gm, "[^]*")
    .replaceAll("…", ".*");
  return new RegExp(`^${escaped}$`);
}

export type Ran = {
  readonly code: number;
  /** Both streams in one, as a terminal shows them. */
  readonly output: string;
  /** What the command leaves behind for the next one, its own variables included. */
  readonly environment: NodeJS.ProcessEnv;
};

/** Runs a command in a shell of its own, with the environment that the one before has left. */
export async function runStep(command: string, cwd: string, environment: NodeJS.ProcessEnv): Promise<Ran> {
  const folder = await mkdtemp(join(tmpdir(), "plumbline-step-"));
  const left = join(folder, "environment");
  const script = `set -a; { ${command}\n} 2>&1; code=$?; env -0 > ${left}; exit $code`;
  try {
    const { code, output } = await run(script, cwd, environment);
    const entries = (await readFile(left, "utf8")).split("\0").filter((entry) => entry.includes("="));
    const own = entries.map((entry) => [entry.slice(0, entry.indexOf("=")), entry.slice(entry.indexOf("=") + 1)]);
    return { code, output, environment: Object.fromEntries(own) };
  } finally {
    await rm(folder, { recursive: true });
  }
}

function run(script: string, cwd: string, env: NodeJS.ProcessEnv): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    execFile("bash", ["-c", script], { cwd, env }, (error, stdout) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), output: stdout.trimEnd() });
    });
  });
}
