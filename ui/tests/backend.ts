//! Starts what the browser tests look at: the built screens, and a browser without a network.

import { chromium, type Browser, type Page } from "playwright-core";
import { preview } from "vite";

const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/**
 * What the window's own policy allows, and data images: the fake core draws its pictures. Whatever
 * breaks it is an error in the console, and so fails the test.
 */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; connect-src 'self'";

export interface Stage {
  browser: Browser;
  /** A page that shows the screens with the fake core; fails the test on any error in it. */
  page: (query: string, options?: PageOptions) => Promise<Page>;
  close: () => Promise<void>;
}

export interface PageOptions {
  width?: number;
  height?: number;
  scheme?: "dark" | "light";
}

/** Debian's browser, or the one that CHROMIUM names. */
export async function stage(errors: string[]): Promise<Stage> {
  const server = await preview({ mode: "browser", preview: { port: 0, host: "127.0.0.1" }, logLevel: "error" });
  const address = server.resolvedUrls?.local[0] ?? "";
  const browser = await chromium.launch({
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    args: ARGUMENTS,
  });
  return {
    browser,
    async page(query, { width = 1280, height = 720, scheme = "dark" } = {}) {
      const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme, reducedMotion: "reduce" });
      await context.route("**/*", async (route) => {
        if (route.request().resourceType() !== "document") return route.continue();
        const response = await route.fetch();
        return route.fulfill({ response, headers: { ...response.headers(), "content-security-policy": POLICY } });
      });
      const page = await context.newPage();
      page.on("pageerror", (error) => errors.push(error.message));
      page.on("console", (message) => {
        if (message.type() === "error") errors.push(message.text());
      });
      await page.goto(`${address}${query}`);
      return page;
    },
    async close() {
      await browser.close();
      await server.close();
    },
  };
}

/** Locates by test id. */
export const id = (page: Page, name: string) => page.locator(`[data-testid="${name}"]`).first();
