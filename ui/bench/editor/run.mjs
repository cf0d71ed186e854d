//! Measures the editor in headless Chromium and prints a table of ratios to baselines of the same
//! run: `node bench/editor/run.mjs` (after `npm ci`; takes Chromium from CHROMIUM or /usr/bin).

import { chromium } from "playwright-core";
import { createServer } from "vite";

const COUNT = 10_000;
const FRAMES = 90;

const server = await createServer({ root: new URL("../..", import.meta.url).pathname, server: { port: 0, strictPort: false } });
await server.listen();
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium" });
const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
const problems = [];
page.on("pageerror", (error) => problems.push(String(error)));
await page.addInitScript(() => {
  window.longTasks = [];
  new PerformanceObserver((list) =>
    list.getEntries().forEach((e) => window.longTasks.push(e.duration)),
  ).observe({ entryTypes: ["longtask"] });
});
await page.goto(`${server.resolvedUrls.local[0]}bench/editor/index.html`);
await page.waitForFunction(() => window.bench);

/** Frame times of one gesture, with the mouse moved by the page itself. */
async function gesture(kind) {
  return page.evaluate(
    async ([kind, count]) => {
      const { editor, frames, settle } = window.bench;
      editor.fit();
      editor.select([]);
      editor.zoomTo(kind === "drag" ? editor.viewport.scale : editor.viewport.scale * 2);
      await settle();
      const host = document.getElementById("host");
      const send = (type, x, y, more = {}) =>
        host.dispatchEvent(
          new PointerEvent(type, { clientX: x, clientY: y, pointerId: 1, isPrimary: true, bubbles: true, button: type === "pointermove" ? -1 : 0, ...more }),
        );
      host.setPointerCapture = () => undefined;
      window.longTasks.length = 0;
      let times;
      if (kind === "zoom") {
        times = await frames(count, (i) =>
          host.dispatchEvent(new WheelEvent("wheel", { clientX: 640, clientY: 360, deltaY: i % 40 < 20 ? -20 : 20, cancelable: true })),
        );
      } else {
        // Panning goes by the middle button; dragging moves whatever lies in the middle.
        const button = kind === "pan" ? 1 : 0;
        send("pointermove", 640, 360);
        send("pointerdown", 640, 360, { button });
        times = await frames(count, (i) => send("pointermove", 640 + 200 * Math.sin(i / 8), 360 + 90 * Math.sin(i / 5)));
        send("pointercancel", 640, 360);
      }
      const longest = Math.max(0, ...window.longTasks);
      return { times, longest };
    },
    [kind, FRAMES],
  );
}

const p95 = (times) => [...times].sort((a, b) => a - b)[Math.floor(times.length * 0.95)];
const rows = [];
for (const kind of ["pan", "zoom", "drag"]) {
  await page.evaluate(async () => { window.bench.load(0); await window.bench.settle(); });
  const empty = await gesture(kind);
  await page.evaluate(async (n) => { window.bench.load(n); await window.bench.settle(); }, COUNT);
  const full = await gesture(kind);
  const painted = await page.evaluate(() => window.bench.paintedPixels());
  rows.push({
    what: `${kind}, ${COUNT} polygons, frame p95`,
    ours: p95(full.times).toFixed(1),
    baseline: p95(empty.times).toFixed(1),
    ratio: (p95(full.times) / p95(empty.times)).toFixed(2),
    bound: 1.5,
    "longest task": full.longest.toFixed(0),
    "pixels painted": painted,
  });
}

const repaint = await page.evaluate(async (n) => {
  const { editor, naive, frame, settle, load } = window.bench;
  load(n);
  await settle();
  window.longTasks.length = 0;
  const plain = await naive(n);
  // Long tasks are told of late: those of the baseline must not count as ours.
  await settle();
  window.longTasks.length = 0;
  // From asking for everything anew until the first frame in which nothing is left to paint.
  const start = performance.now();
  let busy = performance.now();
  editor.setFilter(() => true);
  const original = window.requestAnimationFrame.bind(window);
  let wishes = 0;
  window.requestAnimationFrame = (callback) => { wishes++; busy = performance.now(); return original((t) => { callback(t); busy = performance.now(); }); };
  for (let quiet = 0; quiet < 5; ) {
    const before = wishes;
    await new Promise((resolve) => original(resolve));
    quiet = wishes === before ? quiet + 1 : 0;
  }
  window.requestAnimationFrame = original;
  await frame();
  await settle();
  return { plain, ours: busy - start, slices: wishes, longest: Math.max(0, ...window.longTasks) };
}, COUNT);
rows.push({
  what: "full repaint, all visible, to the end",
  ours: repaint.ours.toFixed(0),
  baseline: repaint.plain.toFixed(0),
  ratio: (repaint.ours / repaint.plain).toFixed(2),
  bound: 1.5,
  "longest task": repaint.longest.toFixed(0),
});
console.table(rows);
if (process.env.SHOT) await page.screenshot({ path: process.env.SHOT });
if (problems.length > 0) console.error(problems.join("\n"));
await browser.close();
await server.close();
process.exitCode = problems.length > 0 ? 1 : 0;
