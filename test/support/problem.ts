import { expect } from "vitest";

export type ProblemAnswer = {
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly errors?: readonly { readonly field: string; readonly detail: string }[];
};

/** The problem that a gateway has answered with; fails when it is none (RFC 9457). */
export async function problemOf(response: Response): Promise<ProblemAnswer> {
  expect(response.headers.get("content-type")).toMatch(/^application\/problem\+json/);
  const problem = (await response.json()) as ProblemAnswer;
  expect(problem).toMatchObject({
    type: "about:blank",
    status: response.status,
    title: expect.any(String),
    detail: expect.any(String),
    instance: new URL(response.url).pathname,
  });
  return problem;
}
