import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { createProgram } from "../../../src/cli/program.ts";

const { signal } = new AbortController();
const namesFor = async (...words: string[]) =>
  (await createProgram(words, signal, { exitCode: 0 })).commands.map((command) => command.name());

test("a command is loaded alone, by the name that the help has for it", async () => {
  const names = await namesFor("--help");
  expect(names).toHaveLength(14);
  for (const name of names) expect(await namesFor(name, "--help")).toEqual([name]);
});

test("the README names every command, and no other", async () => {
  const readme = await readFile(new URL("../../../README.md", import.meta.url), "utf8");
  const [, line] = /^Commands: ([^;]+);/m.exec(readme)!;
  const named = [...line!.matchAll(/`(\w+)[^`]*`/g)].map(([, name]) => name);
  expect(named.sort()).toEqual((await namesFor()).sort());
});

test("words that name no command load all, so that the help can tell them", async () => {
  for (const word of ["scorers", "constructor", "--version"]) expect(await namesFor(word)).toHaveLength(14);
  expect(await namesFor()).toHaveLength(14);
});
