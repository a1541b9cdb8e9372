import { currentToken, signOut } from "../session.ts";
import type { ProblemBody } from "./shapes.ts";

/** Why a request has no answer, in words for the person who waits for it. */
export class RequestFault extends Error {
  override readonly name = "RequestFault";
  /** The HTTP status; 0 when the gateway can't be reached. */
  readonly status: number;
  /** What kind of fault, such as "Not found". */
  readonly title: string;

  constructor(status: number, title: string, detail: string, options?: ErrorOptions) {
    super(detail, options);
    this.status = status;
    this.title = title;
  }
}

const ANSWER_WITHIN_MS = 10_000;

/** The address of a path of the gateway that served this page, under whatever path that is. */
export function gatewayUrl(path: string): URL {
  return new URL(path, document.baseURI);
}

/** Asks the gateway with this tab's token. @throws RequestFault; a token that is no longer good ends the session. */
export async function request<Answer>(path: string, options: RequestInit = {}): Promise<Answer> {
  return readAnswer<Answer>(await ask(path, options));
}

/** The same, for what isn't JSON. */
export async function requestText(path: string, options: RequestInit = {}): Promise<string> {
  const response = await ask(path, options);
  return response.text().catch((error: unknown) => {
    throw new RequestFault(response.status, "The answer broke off", "Ask again.", { cause: error });
  });
}

async function ask(path: string, options: RequestInit): Promise<Response> {
  const token = currentToken();
  const { signal } = options;
  const limit = AbortSignal.timeout(ANSWER_WITHIN_MS);
  let response: Response;
  try {
    response = await fetch(gatewayUrl(path), {
      ...options,
      headers: { ...options.headers, ...(token !== null && { authorization: `Bearer ${token}` }) },
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
      cache: "no-store",
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new RequestFault(0, "The gateway can't be reached", "It answers as soon as it is back; nothing is lost.", {
      cause: error,
    });
  }
  if (response.ok) return response;
  const fault = await faultOf(response);
  if (response.status === 401 && token !== null && token === currentToken()) signOut(fault.message);
  throw fault;
}

async function readAnswer<Answer>(response: Response): Promise<Answer> {
  try {
    return await response.json();
  } catch (error) {
    throw new RequestFault(response.status, "The answer broke off", "Ask again.", { cause: error });
  }
}

async function faultOf(response: Response): Promise<RequestFault> {
  const body: Partial<ProblemBody> = await response.json().catch(() => ({}));
  const title = body.title ?? (response.statusText || `HTTP ${response.status}`);
  return new RequestFault(response.status, title, body.detail ?? "The gateway gave no reason.");
}
