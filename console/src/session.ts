import type { Me } from "./api/shapes.ts";
import { createStore } from "./store.ts";

const KEY = "plumbline-token";
const FRAGMENT = /^#token=([A-Za-z0-9._~+/=-]+)$/;

export type Session =
  | { readonly kind: "signed_out" /** Why one that was there is no longer good. */; readonly reason: string | null }
  | {
      readonly kind: "signed_in";
      readonly token: string /** Null until the gateway has said. */;
      readonly me: Me | null;
    };

/** Who uses this tab. The token is kept for the tab alone and is gone with it. */
export const session = createStore<Session>({ kind: "signed_out", reason: null });

/**
 * Takes a token out of the address bar (`#token=…`, where it never reaches a server or a log), else the one this tab had.
 * Later ones too: pasting the printed address into an open tab signs in again.
 */
export function startSession(): void {
  const take = () => {
    const token = FRAGMENT.exec(location.hash)?.[1];
    if (token === undefined) return false;
    history.replaceState(null, "", `${location.pathname}#/`);
    signIn(token);
    return true;
  };
  addEventListener("hashchange", () => {
    if (take()) dispatchEvent(new HashChangeEvent("hashchange"));
  });
  if (take()) return;
  const kept = sessionStorage.getItem(KEY);
  if (kept !== null) session.set({ kind: "signed_in", token: kept, me: null });
}

export function signIn(token: string): void {
  sessionStorage.setItem(KEY, token);
  session.set({ kind: "signed_in", token, me: null });
}

export function signOut(reason: string | null = null): void {
  sessionStorage.removeItem(KEY);
  session.set({ kind: "signed_out", reason });
}

/** The token in use; a caller without one has nothing to ask. */
export function currentToken(): string | null {
  const now = session.get();
  return now.kind === "signed_in" ? now.token : null;
}

export function knowMe(token: string, me: Me): void {
  const now = session.get();
  if (now.kind === "signed_in" && now.token === token) session.set({ ...now, me });
}
