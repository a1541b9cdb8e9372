import type { FastifyReply, FastifyRequest } from "fastify";
import type { ScoreEvent } from "../../contracts/score.ts";
import type { Manifest } from "../../models/manifest.ts";
import type { Validator } from "../../models/validate.ts";
import { Problem } from "../problem.ts";
import type { Gateway } from "../server.ts";
import { carriedOf } from "./carried.ts";
import { createInspector } from "./inspection.ts";
import { invalid, readPayload } from "./reading-applications.ts";
import { ACCEPTED, applicationBody, CHANNEL_PARAMETER, SCORE_EVENT, VALID } from "./schemas.ts";
import { type Candidate, heldProblem, type Submission, type Submitter } from "./submitter.ts";
import { WAIT_PARAMETER, waitOf } from "./wait-parameter.ts";
import type { Wait, Waits } from "./waits.ts";

export type SubmitParts = {
  readonly validator: Validator;
  /** Of the model that applications are validated for. */
  readonly manifest: Manifest;
  readonly submitter: Submitter;
  readonly waits: Waits;
};

type SubmitQuery = { readonly channel: string; readonly wait?: string };
type SubmitRequest = FastifyRequest<{ Querystring: SubmitQuery }>;

const TAGS = ["applications"];

/** POST /v1/applications and /v1/applications/validate: one application, its bytes read and passed on as they came. */
export function addSubmitRoutes(server: Gateway, parts: SubmitParts): void {
  const { validator, manifest, submitter, waits } = parts;
  const inspect = createInspector(manifest.features);
  const body = { "application/json": applicationBody(manifest) };
  server.removeContentTypeParser("text/plain");
  server.addContentTypeParser("application/json", { parseAs: "buffer" }, (_, bytes, done) => done(null, bytes));

  server.post<{ Querystring: SubmitQuery }>(
    "/v1/applications",
    {
      config: { role: "publisher", body },
      schema: {
        tags: TAGS,
        summary: "Submit an application",
        description:
          "202 when it is in the stream; 200 with the score when it was decided before, or within `wait`. Sending it again is harmless. 409: the id belongs to an application with other content.",
        querystring: {
          type: "object",
          required: ["channel"],
          additionalProperties: false,
          properties: { channel: CHANNEL_PARAMETER, wait: WAIT_PARAMETER },
        },
        response: { 200: SCORE_EVENT, 202: ACCEPTED },
      },
    },
    async (request: SubmitRequest, reply) => {
      const payload = bytesOf(request);
      const waitMs = waitOf(request.query.wait);
      const read = readPayload(validator, payload);
      if (!read.ok) throw invalid(payload, read.errors);
      const { application_id: id } = read.candidate.event;
      // From before it is published, so that no score is too quick to be noticed.
      const wait = waitMs > 0 ? waits.begin(id, waitMs) : undefined;
      const giveUp = () => wait?.end();
      reply.raw.once("close", giveUp);
      try {
        const [submission] = await submitter.submit(
          [read.candidate],
          request.query.channel,
          carriedOf(request.headers),
        );
        return await answer(read.candidate, submission!, wait, reply);
      } finally {
        reply.raw.off("close", giveUp);
        wait?.end();
      }
    },
  );

  async function answer(
    candidate: Candidate,
    submission: Submission,
    wait: Wait | undefined,
    reply: FastifyReply,
  ): Promise<FastifyReply> {
    if (submission.kind === "held") throw heldProblem(submission.reason);
    if (submission.kind === "conflict") {
      const errors = [{ field: "application_id", detail: "belongs to an application with other content" }];
      throw new Problem({ status: 409, title: "Conflict", detail: submission.detail, errors });
    }
    if (submission.kind === "decided") return reply.send(submission.score);
    if (wait !== undefined) {
      // Already serialized by the scorer.
      const text = await wait.score;
      if (text !== undefined && sequenceIn(text) === submission.sequence) {
        return reply.type("application/json; charset=utf-8").send(text);
      }
      // Decided between the first look and the wait, or while the stream of scores was away. Or it is the score of another
      // message with this id, which came by another way: only the record can tell whether it has the same content.
      const decided = await submitter.decidedAs(candidate);
      if (decided !== undefined) return answer(candidate, decided, undefined, reply);
    }
    const { application_id } = candidate.event;
    return reply.code(202).send({ application_id, sequence: submission.sequence });
  }

  server.post(
    "/v1/applications/validate",
    {
      config: { role: "publisher", body },
      schema: {
        tags: TAGS,
        summary: "Validate an application",
        description: "Decides as the scorer would, and publishes nothing.",
        response: { 200: VALID },
      },
    },
    async (request) => {
      const payload = bytesOf(request);
      const read = readPayload(validator, payload);
      if (!read.ok) throw invalid(payload, read.errors);
      const { event } = read.candidate;
      return { valid: true, application_id: event.application_id, scored_as_missing: inspect(event.features) };
    },
  );
}

function sequenceIn(text: string): number {
  return (JSON.parse(text) as ScoreEvent).sequence;
}

function bytesOf({ body }: FastifyRequest): Uint8Array {
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
}
