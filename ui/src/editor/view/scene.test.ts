//! The scene: what it paints and what it leaves out, when it paints anew and when it only moves.

import { describe, expect, it } from "vitest";
import type { Annotation } from "../document/annotation.ts";
import { Document } from "../document/document.ts";
import { intersects, type Rect, type XY } from "../geometry/plane.ts";
import { kindOf } from "../shapes/index.ts";
import { annotation, boxAt, randomRing, seeded } from "../testing/make.ts";
import { RecordingSurface } from "../testing/recording-surface.ts";
import { Scene } from "./scene.ts";
import { viewportOf, visibleRect, type Viewport } from "./viewport.ts";

const OVERHANG = 4;

/** A scene over a document, with a clock that moves on by `tick` at every look. */
function stage(annotations: readonly Annotation[], tick = 0) {
  const document = new Document({ id: "i", width: 4000, height: 3000 }, annotations);
  const surfaces: RecordingSurface[] = [];
  const painted: string[] = [];
  let time = 0;
  const scene = new Scene(
    () => {
      const surface = new RecordingSurface();
      surfaces.push(surface);
      return surface;
    },
    () => (time += tick),
  );
  scene.show({
    search: (area: Rect) => document.search(area),
    brush: (a) => {
      painted.push(a.id);
      return { color: a.labelId, fillOpacity: 0.2, strokeWidth: 1, dashed: false, marker: 3 };
    },
    overhang: () => OVERHANG,
  });
  const takePainted = (): string[] => painted.splice(0);
  return { document, scene, surfaces, takePainted };
}

function many(count: number): Annotation[] {
  const random = seeded(2);
  return Array.from({ length: count }, (_, i) =>
    annotation(`n${i}`, {
      kind: "polygon",
      outer: randomRing(random, 4000 * random(), 3000 * random(), 20, 20),
      holes: [],
    }),
  );
}

const at = (x: number, y: number, scale = 1): Viewport => ({
  ...viewportOf(400, 300, 1),
  x,
  y,
  scale,
});

function blit(scene: Scene, v: Viewport): readonly unknown[] | undefined {
  const screen = new RecordingSurface();
  scene.paint(screen.pen, v);
  return screen.named("drawImage")[0]?.args.slice(1);
}

describe("culling", () => {
  it("paints all that the view shows, nothing far from it, bottom to top", () => {
    const { scene, document, takePainted } = stage(many(500));
    const v = at(1000, 1000);
    expect(scene.work(v, 1000, false)).toBe(true);
    const painted = takePainted();
    const seen = visibleRect(v);
    const margin = { minX: 880, minY: 900, maxX: 1520, maxY: 1400 };
    for (const a of document.all()) {
      const bounds = kindOf(a.shape).bounds(a.shape);
      if (intersects(bounds, seen)) expect(painted).toContain(a.id);
      if (!intersects(bounds, margin)) expect(painted).not.toContain(a.id);
    }
    const order = document.all().map((a) => a.id);
    expect(painted).toEqual(order.filter((id) => painted.includes(id)));
    expect(painted.length).toBeGreaterThan(5);
  });

  it("draws what is too small to have a form as a dot", () => {
    const { scene, surfaces } = stage([annotation("tiny", boxAt(10, 10, 12, 12))]);
    scene.work(at(0, 0, 0.1), 1000, false);
    expect(surfaces[0]?.named("fillRect")).toHaveLength(1);
    expect(surfaces[0]?.named("stroke")).toHaveLength(0);
  });

  it("leaves out vertices finer than a pixel when far away", () => {
    const outer = Array.from({ length: 2000 }, (_, i): XY => {
      const angle = (i / 1000) * Math.PI;
      return [200 + 100 * Math.cos(angle), 200 + 100 * Math.sin(angle)];
    });
    const vertices = (scale: number): number => {
      const { scene, surfaces } = stage([
        annotation("fine", { kind: "polygon", outer, holes: [] }),
      ]);
      scene.work(at(190, 190, scale), 1000, false);
      return surfaces[0]?.named("lineTo").length ?? 0;
    };
    expect(vertices(8)).toBeGreaterThan(1500);
    expect(vertices(0.05)).toBeLessThan(100);
  });
});

describe("moving", () => {
  it("a pan within what is painted only moves the bitmap", () => {
    const { scene, takePainted } = stage(many(200));
    scene.work(at(1000, 1000), 1000, false);
    takePainted();
    const panned = at(1050, 980);
    expect(scene.work(panned, 1000, true)).toBe(false);
    expect(scene.isPending(panned)).toBe(false);
    expect(takePainted()).toEqual([]);
    // 100 x 75 pixels of margin, less the way panned.
    expect(blit(scene, panned)).toEqual([-150, -55]);
  });

  it("a zoom scales the bitmap, and paints anew once the view stands still", () => {
    const { scene, takePainted } = stage(many(200));
    scene.work(at(1000, 1000), 1000, false);
    takePainted();
    const zoomed = at(1050, 1050, 2);
    expect(scene.work(zoomed, 1000, true)).toBe(false);
    expect(blit(scene, zoomed)).toEqual([-300, -250, 1200, 900]);
    expect(scene.isPending(zoomed)).toBe(true);
    expect(scene.work(zoomed, 1000, false)).toBe(true);
    expect(takePainted().length).toBeGreaterThan(0);
    expect(scene.isPending(zoomed)).toBe(false);
    expect(blit(scene, zoomed)).toEqual([-100, -75]);
  });

  it("a pan past what is painted is filled in even while moving", () => {
    const { scene, takePainted } = stage(many(200));
    scene.work(at(1000, 1000), 1000, false);
    takePainted();
    expect(scene.work(at(1300, 1000), 1000, true)).toBe(true);
    expect(takePainted().length).toBeGreaterThan(0);
  });

  it("paints in slices, and shows the old picture until the new one is complete", () => {
    const { scene } = stage(many(5000), 1);
    const first = at(1000, 1000, 0.1);
    while (!scene.work(first, 5, false));
    const before = blit(scene, first);
    const second = at(2000, 1000, 0.2);
    let slices = 0;
    while (!scene.work(second, 5, false)) {
      slices++;
      expect(scene.isPending(second)).toBe(true);
      expect(blit(scene, first)).toEqual(before);
    }
    expect(slices).toBeGreaterThan(3);
  });

  it("two bitmaps take turns", () => {
    const { scene, surfaces } = stage(many(50));
    for (let i = 1; i < 8; i++) scene.work(at(500 * i, 0), 1000, false);
    expect(surfaces.filter((surface) => surface.width > 1)).toHaveLength(2);
  });
});

describe("edits", () => {
  it("repaint their own patch, and only what touches it", () => {
    const near = annotation("near", boxAt(1120, 1100, 1140, 1120));
    const far = annotation("far", boxAt(1300, 1200, 1320, 1220));
    const { scene, document, surfaces, takePainted } = stage([
      annotation("a", boxAt(1100, 1100, 1120, 1120)),
      near,
      far,
    ]);
    const v = at(1000, 1000);
    scene.work(v, 1000, false);
    takePainted();
    surfaces[0]?.forget();
    document.subscribe(({ dirty }) => scene.invalidateArea(dirty));
    document.apply({
      what: "move",
      edits: [{ annotation: "a", part: "shape", value: boxAt(1105, 1105, 1125, 1125) }],
    });
    expect(takePainted()).toEqual(["a", "near"]);
    expect(scene.isPending(v)).toBe(false);
    // The old and the new place, grown by what paint reaches beyond bounds, from (900, 925).
    expect(surfaces[0]?.named("clearRect").map((c) => c.args)).toEqual([[196, 171, 33, 33]]);
    expect(surfaces[0]?.named("rect").map((c) => c.args)).toEqual([[196, 171, 33, 33]]);
    expect(surfaces[0]?.named("clip")).toHaveLength(1);
  });

  it("outside what is painted cost nothing", () => {
    const { scene, surfaces } = stage(many(10));
    scene.work(at(0, 0), 1000, false);
    surfaces[0]?.forget();
    scene.invalidateArea({ minX: 3000, minY: 2000, maxX: 3100, maxY: 2100 });
    expect(surfaces[0]?.calls).toEqual([]);
  });

  it("that touch very many are painted anew in slices instead", () => {
    const crowd = Array.from({ length: 1000 }, (_, i) => annotation(`c${i}`, boxAt(10, 10, 50, 50)));
    const { scene, takePainted } = stage(crowd);
    const v = at(0, 0);
    scene.work(v, 1000, false);
    takePainted();
    scene.invalidateArea({ minX: 10, minY: 10, maxX: 50, maxY: 50 });
    expect(takePainted()).toEqual([]);
    expect(scene.isPending(v)).toBe(true);
    scene.work(v, 1000, false);
    expect(takePainted()).toHaveLength(1000);
  });

  it("during a repaint begin it again", () => {
    const { scene, takePainted } = stage(many(5000), 1);
    const v = at(0, 0, 0.1);
    scene.work(v, 2, false);
    scene.invalidateArea({ minX: 0, minY: 0, maxX: 10, maxY: 10 });
    takePainted();
    while (!scene.work(v, 50, false));
    expect(takePainted()).toHaveLength(5000);
  });
});
