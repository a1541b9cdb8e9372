import { useLayoutEffect, useRef } from "preact/hooks";
import { gatewayUrl } from "../../api/request.ts";
import { readRunbook } from "../../api/routes.ts";
import { useLoaded } from "../../api/use-loaded.ts";
import { WhenLoaded } from "../../parts/states.tsx";

const OURS = /^\/runbooks\/([A-Za-z0-9]+\.md)$/;

/** What to do, read here where the gateway has it. @param isOpen whether it is needed now */
export function Runbook({ address, isOpen }: { readonly address: string | null; readonly isOpen: boolean }) {
  const file = OURS.exec(address ?? "")?.[1];
  return file === undefined ? null : <OurRunbook file={file} isOpen={isOpen} />;
}

function OurRunbook({ file, isOpen }: { readonly file: string; readonly isOpen: boolean }) {
  const loaded = useLoaded(`runbook ${file}`, (signal) => readRunbook(file, signal));
  // Its link says so itself.
  if (loaded.fault?.status === 404) return null;
  return (
    <details class="runbook" open={isOpen}>
      <summary>What to do</summary>
      <WhenLoaded loaded={loaded} what="the runbook" rows={6}>
        {(page) => <Content page={page} />}
      </WhenLoaded>
    </details>
  );
}

/** What the gateway's page says, without its title, which stands above already. */
function Content({ page }: { readonly page: string }) {
  const place = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => place.current!.replaceChildren(...contentOf(page)), [page]);
  return <div class="runbook-text" ref={place} />;
}

function contentOf(page: string): Element[] {
  const main = new DOMParser().parseFromString(page, "text/html").querySelector("main");
  for (const link of main?.querySelectorAll("a") ?? []) {
    // They are written for the page's own place, and lead away from the alert.
    link.href = new URL(link.getAttribute("href") ?? "", gatewayUrl("runbooks/")).href;
    link.target = "_blank";
    link.rel = "noreferrer";
  }
  return [...(main?.children ?? [])].filter(({ localName }) => localName !== "h1");
}
