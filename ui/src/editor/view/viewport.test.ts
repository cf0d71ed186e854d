//! The viewport: round trips, fixed points, limits.

import { describe, expect, it } from "vitest";
import { seeded } from "../testing/make.ts";
import {
  centredOn,
  fit,
  MAX_SCALE,
  minScale,
  panBy,
  resized,
  reveal,
  toImage,
  toScreen,
  viewportOf,
  visibleRect,
  zoomAt,
  type Viewport,
} from "./viewport.ts";

const image = { width: 3000, height: 2000 };
const whole = { minX: 0, minY: 0, maxX: 3000, maxY: 2000 };
const start = fit(viewportOf(1280, 720, 1), whole);

describe("transform", () => {
  it("goes there and back anywhere, at any zoom", () => {
    const random = seeded(1);
    for (let i = 0; i < 500; i++) {
      const v: Viewport = {
        width: 800,
        height: 600,
        ratio: 1 + Math.floor(2 * random()),
        scale: 0.01 * 2 ** (12 * random()),
        x: 1e4 * (random() - 0.5),
        y: 1e4 * (random() - 0.5),
      };
      const p = { x: 1e4 * random(), y: 1e4 * random() };
      const back = toImage(v, toScreen(v, p));
      expect(back.x).toBeCloseTo(p.x, 6);
      expect(back.y).toBeCloseTo(p.y, 6);
    }
  });
});

describe("zoom", () => {
  it("keeps what lies under the pointer there, in and out", () => {
    const at = { x: 700, y: 300 };
    let v = start;
    const under = toImage(v, at);
    for (const factor of [1.25, 1.25, 2, 0.8, 1.1, 0.9]) {
      v = zoomAt(v, at, factor, image);
      expect(toImage(v, at).x).toBeCloseTo(under.x, 6);
      expect(toImage(v, at).y).toBeCloseTo(under.y, 6);
    }
  });

  it("stops at its limits", () => {
    expect(zoomAt(start, { x: 600, y: 300 }, 1e9, image).scale).toBe(MAX_SCALE);
    expect(zoomAt(start, { x: 600, y: 300 }, 1e-9, image).scale).toBe(minScale(start, image));
  });
});

describe("pan", () => {
  it("shifts by screen pixels", () => {
    const before = toScreen(start, { x: 1000, y: 1000 });
    const after = toScreen(panBy(start, 30, -20, image), { x: 1000, y: 1000 });
    expect(after.x - before.x).toBeCloseTo(30);
    expect(after.y - before.y).toBeCloseTo(-20);
  });

  it("can't lose the image", () => {
    const far = visibleRect(panBy(start, 1e6, -1e6, image));
    expect(far.maxX).toBeGreaterThan(0);
    expect(far.minX).toBeLessThan(3000);
    expect(far.minY).toBeLessThan(2000);
    expect(far.maxY).toBeGreaterThan(0);
  });
});

describe("fit, reveal, resize", () => {
  it("shows the whole area in the middle", () => {
    const seen = visibleRect(start);
    expect(seen.minX).toBeLessThanOrEqual(0);
    expect(seen.maxY).toBeGreaterThanOrEqual(2000);
    expect((seen.minX + seen.maxX) / 2).toBeCloseTo(1500);
  });

  it("reveals without moving when it is seen already, and as little as it takes otherwise", () => {
    const close = zoomAt(start, { x: 640, y: 360 }, 8, image);
    const seen = visibleRect(close);
    const inside = { minX: seen.minX + 5, minY: seen.minY + 5, maxX: seen.minX + 9, maxY: seen.minY + 9 };
    expect(reveal(close, inside)).toEqual(close);
    const beside = { minX: seen.maxX + 10, minY: seen.minY + 5, maxX: seen.maxX + 20, maxY: seen.minY + 9 };
    const moved = visibleRect(reveal(close, beside));
    expect(moved.maxX).toBeCloseTo(beside.maxX);
    expect(moved.minY).toBeCloseTo(seen.minY);
    expect(reveal(close, whole).scale).toBeCloseTo(start.scale);
  });

  it("keeps its middle when the window changes", () => {
    const v = centredOn({ ...start, scale: 2 }, { x: 700, y: 900 });
    const wider = resized(v, 1900, 500, 2);
    expect(toImage(wider, { x: 950, y: 250 })).toEqual({ x: 700, y: 900 });
    expect(wider.ratio).toBe(2);
  });

  it("a view without a size does not divide by zero", () => {
    expect(Number.isFinite(fit(viewportOf(0, 0, 1), whole).scale)).toBe(true);
  });
});
