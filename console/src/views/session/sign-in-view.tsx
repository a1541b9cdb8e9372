import { useEffect, useRef } from "preact/hooks";
import { BrandMark } from "../../parts/shapes.tsx";
import { signIn } from "../../session.ts";

/** Asks for a token, which the command line makes; the address that `plumbline up` prints carries one. */
export function SignInView({ reason }: { readonly reason: string | null }) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    document.title = "Sign in · Plumbline";
    input.current?.focus();
  }, []);
  function submit(event: Event): void {
    event.preventDefault();
    const token = input.current!.value.trim();
    if (token !== "") signIn(token);
  }
  return (
    <main class="sign-in">
      <section class="panel">
        <h1>
          <BrandMark /> Plumbline
        </h1>
        {reason !== null && (
          <p class="stale-note" role="alert">
            <strong>Signed out.</strong> {reason}
          </p>
        )}
        <form onSubmit={submit}>
          <label for="token">Access token</label>
          <input
            ref={input}
            id="token"
            class="field"
            type="password"
            name="token"
            autocomplete="off"
            required
            aria-describedby="token-help"
          />
          <button type="submit" class="button primary">
            Sign in
          </button>
        </form>
        <p class="note" id="token-help">
          <code>bin/plumbline up</code> prints an address that signs you in. <code>bin/plumbline token create</code>{" "}
          makes a token for somebody else. It stays in this tab and is gone when you close it.
        </p>
      </section>
    </main>
  );
}
