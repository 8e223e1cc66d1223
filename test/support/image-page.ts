// The page that a build for browsers makes, as a test sees it.
import { type Browser, type BrowserContext, complaintsOf, type Page } from "./chromium.ts";

/** Milliseconds for what a page is waited for, on a busy machine. */
export const pagePatience = 60_000;

/** A page that keeps what it complains of: errors, and what its content security policy stopped. */
export async function openPage(
  browser: Browser | BrowserContext,
  address: string,
): Promise<{ readonly page: Page; readonly complaints: readonly string[] }> {
  const page = await browser.newPage();
  page.setDefaultTimeout(pagePatience);
  const complaints = complaintsOf(page);
  await page.goto(address);
  return { page, complaints };
}

/** Waits until the page says that the image has this status. */
export async function untilStatus(page: Page, status: string): Promise<void> {
  await page.locator("#status", { hasText: new RegExp(`^${status}$`) }).waitFor();
}

/** What the image has printed, without empty lines. */
export async function consoleOf(page: Page): Promise<string[]> {
  const text = (await page.locator("#console").textContent()) ?? "";
  return text.split("\n").filter((line) => line !== "");
}
