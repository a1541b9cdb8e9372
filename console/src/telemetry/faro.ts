import {
  ErrorsInstrumentation,
  type Faro,
  initializeFaro,
  type TransportItem,
  WebVitalsInstrumentation,
} from "@grafana/faro-web-sdk";
import { gatewayUrl } from "../api/request.ts";
import { parseRoute } from "../routing.ts";

let faro: Faro | undefined;

/** Begins, or goes on, to measure how fast the page is and which faults it meets. Nobody is followed: there are no sessions. */
export function startFaro(): void {
  if (faro !== undefined) {
    faro.unpause();
    return;
  }
  faro = initializeFaro({
    app: { name: "plumbline-console" },
    url: gatewayUrl("collect").href,
    instrumentations: [new ErrorsInstrumentation(), new WebVitalsInstrumentation()],
    sessionTracking: { enabled: false },
    preventGlobalExposure: true,
    beforeSend: withoutAddress,
  });
}

/** Drops what comes from now on. */
export function stopFaro(): void {
  faro?.pause();
}

/** The address holds ids of applications; which view it was is enough. */
function withoutAddress<Item extends TransportItem>(item: Item): Item {
  const view = parseRoute(location.hash).view.replaceAll("_", "-");
  const url = `${location.origin}${location.pathname}#/${view}`;
  // Frames of a stack name the page by its whole address.
  const payload = JSON.parse(JSON.stringify(item.payload).replace(/#\/[^"\\\s]*/g, "#"));
  return { ...item, payload, meta: { ...item.meta, page: { id: view, url }, view: { name: view } } };
}
