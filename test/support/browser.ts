import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import axe from "axe-core";
import { type Browser, chromium, type Page } from "playwright-core";
import { expect, onTestFinished } from "vitest";
import { buildConsole } from "../../src/app/console-build.ts";
import { ROOT } from "../../src/app/environment.ts";
import { createLogger } from "../../src/platform/log.ts";
import { findProgram } from "../../src/platform/servers/find-program.ts";

/** Screenshots of every view are kept here for people to look at. */
const ARTEFACTS = join(ROOT, "test-artefacts");

export type ConsolePage = {
  readonly page: Page;
  /** Faults of the page itself: errors that nobody caught and what its content security policy blocked. */
  readonly faults: readonly string[];
  /** Addresses outside the gateway that were asked for. */
  readonly strangers: readonly string[];
};

export type Look = { readonly width?: number; readonly colours?: "light" | "dark" };

/** Debian's Chromium without a window, closed when the test ends; the console is built when it has to be. */
export async function openBrowser(): Promise<Browser> {
  await buildConsole();
  const executablePath = await findProgram("chromium", createLogger("warn", "test"));
  // Root has no sandbox.
  const browser = await chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ["--no-sandbox"] : [] });
  onTestFinished(() => browser.close());
  return browser;
}

/**
 * A page of the console in a session of its own, signed in as the address that `plumbline up` prints does it.
 * @param consent as if it had been answered before; unasked without it.
 */
export async function openConsole(
  browser: Browser,
  url: string,
  token: string | undefined,
  { width = 1440, colours = "light", consent }: Look & { readonly consent?: "given" | "refused" } = {},
): Promise<ConsolePage> {
  const context = await browser.newContext({
    viewport: { width, height: width > 600 ? 900 : 844 },
    colorScheme: colours,
    reducedMotion: "reduce",
  });
  const page = await context.newPage();
  const faults: string[] = [];
  const strangers: string[] = [];
  page.on("pageerror", ({ message }) => faults.push(message));
  page.on("console", (message) => {
    if (message.type() === "error" && message.text().includes("Content Security Policy")) faults.push(message.text());
  });
  page.on("request", (request) => {
    if (new URL(request.url()).host !== new URL(url).host) strangers.push(request.url());
  });
  if (consent !== undefined) {
    await page.addInitScript(`localStorage.setItem("plumbline-telemetry", "${consent}")`);
  }
  await page.goto(token === undefined ? `${url}/` : `${url}/#token=${token}`);
  return { page, faults, strangers };
}

/** Shows another view of the console, as a link to it would. */
export async function goTo(page: Page, hash: string): Promise<void> {
  await page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
}

/** Fails with what axe finds wrong for those who use the page otherwise than by eye and mouse. */
export async function expectAccessible(page: Page, view: string): Promise<void> {
  await page.evaluate(`${axe.source}; undefined`);
  const found = (await page.evaluate("axe.run(document, { resultTypes: ['violations'] })")) as {
    violations: readonly { id: string; help: string; nodes: readonly { html: string; failureSummary: string }[] }[];
  };
  const faults = found.violations.map(({ id, help, nodes }) => ({
    view,
    id,
    help,
    nodes: nodes.map(({ html, failureSummary }) => `${html}\n${failureSummary}`),
  }));
  expect(faults).toEqual([]);
}

const LOOKS = [
  { width: 1440, colours: "light" },
  { width: 1440, colours: "dark" },
  { width: 390, colours: "light" },
  { width: 390, colours: "dark" },
] as const;

/**
 * Looks at a view wide and narrow, light and dark: each is kept as a picture, passes axe and doesn't scroll sideways.
 * @param shows what is there once the view is complete.
 */
export async function lookAt(page: Page, view: string, shows: string): Promise<void> {
  await mkdir(ARTEFACTS, { recursive: true });
  for (const { width, colours } of LOOKS) {
    await page.setViewportSize({ width, height: width > 600 ? 900 : 844 });
    await page.emulateMedia({ colorScheme: colours });
    await page.getByText(shows).first().waitFor();
    await page.screenshot({ path: join(ARTEFACTS, `console-${view}-${width}-${colours}.png`), fullPage: true });
    await expectAccessible(page, `${view}, ${width} pixels, ${colours}`);
    const overhang = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
    expect({ view, width, overhang }).toEqual({ view, width, overhang: 0 });
  }
  await page.setViewportSize({ width: 1440, height: 900 });
}
