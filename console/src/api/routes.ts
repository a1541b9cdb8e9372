import type { Alert } from "../../../src/contracts/alert.ts";
import type { ScoreEvent } from "../../../src/contracts/score.ts";
import { request, requestText } from "./request.ts";
import type {
  DeadLetter,
  DeadLetterWithPayload,
  DriftPage,
  Explanation,
  FullReport,
  Me,
  Model,
  Page,
  Status,
} from "./shapes.ts";

type Query = Readonly<Record<string, string | number | null | undefined>>;

export const readMe = (signal?: AbortSignal) => get<Me>("v1/me", {}, signal);
export const readStatus = (signal?: AbortSignal) => get<Status>("v1/status", {}, signal);
export const readModels = (signal?: AbortSignal) => get<{ readonly items: readonly Model[] }>("v1/models", {}, signal);

export const readScores = (query: Query, signal?: AbortSignal) => get<Page<ScoreEvent>>("v1/scores", query, signal);
export const readScore = (id: string, signal?: AbortSignal) =>
  get<ScoreEvent>(`v1/scores/${encodeURIComponent(id)}`, {}, signal);
export const readExplanation = (id: string, signal?: AbortSignal) =>
  get<Explanation>(`v1/scores/${encodeURIComponent(id)}/explanation`, {}, signal);

export const readDrift = (query: Query, signal?: AbortSignal) => get<DriftPage>("v1/drift", query, signal);
export const readDriftReport = (id: string, signal?: AbortSignal) =>
  get<FullReport>(`v1/drift/reports/${encodeURIComponent(id)}`, {}, signal);

export const readAlerts = (query: Query, signal?: AbortSignal) => get<Page<Alert>>("v1/alerts", query, signal);

/** What to do about an alert, a page. @param file such as ScoringStalled.md */
export const readRunbook = (file: string, signal: AbortSignal) =>
  requestText(`runbooks/${encodeURIComponent(file)}`, { signal });

export const readDeadLetters = (query: Query, signal?: AbortSignal) =>
  get<Page<DeadLetter>>("v1/deadletters", query, signal);
export const readDeadLetter = (name: string, signal?: AbortSignal) =>
  get<DeadLetterWithPayload>(`v1/deadletters/${encodeURIComponent(name)}`, {}, signal);

/** Publishes a dead letter's payload again. @param channel needed where its subject was invalid */
export function requeue(name: string, channel: string | null): Promise<{ readonly sequence: number | null }> {
  return request(`v1/deadletters/${encodeURIComponent(name)}/requeue`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(channel === null ? {} : { channel }),
  });
}

function get<Answer>(path: string, query: Query, signal: AbortSignal | undefined): Promise<Answer> {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === null || value === undefined || value === "" ? [] : [[name, String(value)]],
  );
  const search = given.length === 0 ? "" : `?${new URLSearchParams(given)}`;
  return request<Answer>(`${path}${search}`, signal ? { signal } : {});
}
