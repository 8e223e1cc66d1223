import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from "playwright-core";
import { onTestFinished } from "vitest";
import { installDebian } from "./debian.ts";

/** Debian's Chromium without a screen; closed when the test ends. */
export async function openChromium(): Promise<Browser> {
  const browser = await launchChromium();
  onTestFinished(() => browser.close());
  return browser;
}

/** The same for a whole suite, which closes it. */
export function launchChromium(): Promise<Browser> {
  installDebian({ chromium: "chromium" });
  return chromium.launch({
    executablePath: "/usr/bin/chromium",
    // Its sandbox needs user namespaces, which root in a container does not have; all pages are ours.
    args: ["--no-sandbox"],
  });
}

/** What a page complained of: errors of scripts, what its policy forbade, resources that are not there. */
export function complaintsOf(page: Page): readonly string[] {
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  return complaints;
}

/** The looks that every page must bear. */
export const looks: readonly (BrowserContextOptions & { readonly name: string })[] = [
  { name: "light and wide", colorScheme: "light", viewport: { width: 1200, height: 800 } },
  { name: "dark and narrow", colorScheme: "dark", viewport: { width: 360, height: 740 } },
];

/** How far a page is wider than its window: a person would have to scroll sideways. */
export function overflowOf(page: Page): Promise<number> {
  return page.evaluate(
    "document.documentElement.scrollWidth - document.documentElement.clientWidth",
  );
}

export type { Browser, BrowserContext, Page };
