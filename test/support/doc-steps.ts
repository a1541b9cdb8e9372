import { execFile } from "node:child_process";

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

/** The steps of a page's ```console blocks that are marked `run`. Pure. */
export function docSteps(page: string): DocStep[] {
  return docBlocks(page)
    .filter(({ language, marks }) => language === "console" && marks.includes("run"))
    .flatMap(({ line, marks, text }) => stepsOf(text).map((step) => ({ ...step, line: line + step.line, marks })));
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

export type Ran = { readonly code: number; readonly output: string };

/** Runs a command as a terminal would, both streams in one. */
export function runStep(command: string, cwd: string, env: NodeJS.ProcessEnv): Promise<Ran> {
  return new Promise((resolve) => {
    execFile("bash", ["-c", `{ ${command}\n} 2>&1`], { cwd, env }, (error, stdout) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), output: stdout.trimEnd() });
    });
  });
}
