// @vitest-environment node
//! The editor in a real browser: real mouse, wheel and keys on the bench page, real pixels.

import { existsSync } from "node:fs";
import { chromium, type Browser, type Page } from "playwright-core";
import { createServer, type ViteDevServer } from "vite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Editor } from "../src/editor/index.ts";

const CHROMIUM = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
const hasBrowser = existsSync(CHROMIUM);
if (!hasBrowser) console.log(`skipped: no browser at ${CHROMIUM}`);

interface Bench {
  readonly editor: Editor;
  load(count: number): void;
  paintedPixels(): number;
}
declare global {
  interface Window {
    bench: Bench;
    heard: string[];
  }
}

describe.runIf(hasBrowser)("the editor in a browser", () => {
  let server: ViteDevServer;
  let browser: Browser;
  let page: Page;
  const errors: string[] = [];

  beforeAll(async () => {
    server = await createServer({
      configFile: false,
      root: new URL("..", import.meta.url).pathname,
      cacheDir: "node_modules/.vite-editor-test",
      server: { port: 0, fs: { allow: [".."] } },
      logLevel: "error",
    });
    await server.listen();
    browser = await chromium.launch({ executablePath: CHROMIUM });
    page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
    page.on("pageerror", (error) => errors.push(String(error)));
    await page.goto(`${server.resolvedUrls?.local[0] ?? ""}bench/editor/index.html`);
    await page.waitForFunction(() => "bench" in window);
    await page.evaluate(() => {
      window.heard = [];
      window.bench.load(0);
      window.bench.editor.on("change", (change) => window.heard.push(change.what));
    });
  }, 60_000);

  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  const shapes = () => page.evaluate(() => window.bench.editor.document.all().map((a) => a.shape));
  const scale = () => page.evaluate(() => window.bench.editor.viewport.scale);

  it("draws a box by dragging, moves it, and paints it", async () => {
    const { x, y } = await page.evaluate(() => window.bench.editor.viewport);
    const zoom = await scale();
    await page.evaluate(() => window.bench.editor.setTool("box"));
    await page.mouse.move(300, 200);
    await page.mouse.down();
    await page.mouse.move(400, 300, { steps: 5 });
    await page.mouse.up();
    const [box] = await shapes();
    expect(box?.kind === "box" && box.x).toBeCloseTo(x + 300 / zoom, 6);
    expect(box?.kind === "box" && box.width).toBeCloseTo(100 / zoom, 6);

    await page.mouse.move(350, 250);
    await page.mouse.down();
    await page.mouse.move(380, 270, { steps: 4 });
    await page.mouse.up();
    const [moved] = await shapes();
    expect(moved?.kind === "box" && moved.y).toBeCloseTo(y + 220 / zoom, 6);
    expect(await page.evaluate(() => window.heard)).toEqual(["create", "move"]);
    await page.waitForFunction(() => window.bench.paintedPixels() > 5000);
  });

  it("closes a polygon with a double click, after a right click took a point back", async () => {
    await page.evaluate(() => window.bench.editor.setTool("polygon"));
    await page.mouse.click(600, 200);
    await page.mouse.click(800, 220);
    await page.mouse.click(640, 600);
    await page.mouse.click(640, 600, { button: "right" });
    await page.mouse.dblclick(700, 400);
    const polygon = (await shapes())[1];
    expect(polygon?.kind === "polygon" && polygon.outer.length).toBe(3);
  });

  it("zooms at the cursor with the wheel, pans with the middle button", async () => {
    const before = await scale();
    await page.mouse.move(640, 360);
    await page.mouse.wheel(0, -300);
    await expect.poll(scale).toBeCloseTo(before * 2, 6);
    const left = await page.evaluate(() => window.bench.editor.viewport.x);
    await page.mouse.down({ button: "middle" });
    await page.mouse.move(690, 360, { steps: 2 });
    await page.mouse.up({ button: "middle" });
    const after = await page.evaluate(() => window.bench.editor.viewport.x);
    expect(left - after).toBeCloseTo(50 / (before * 2), 6);
  });

  it("follows the size of its host", async () => {
    await page.evaluate(() => window.bench.editor.fit());
    const before = await scale();
    await page.setViewportSize({ width: 800, height: 450 });
    await expect.poll(scale).toBeLessThan(before);
    const widths = await page.evaluate(() =>
      [...document.querySelectorAll("canvas")].map((canvas) => canvas.width),
    );
    expect(widths).toEqual([800, 800, 800]);
  });

  it("takes the focus, and raised no error", async () => {
    await page.mouse.click(20, 20);
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("host");
    expect(errors).toEqual([]);
  });
});
