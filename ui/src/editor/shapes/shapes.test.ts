//! Geometry of all shapes against slow, plain computations on random shapes from fixed seeds.

import { describe, expect, it } from "vitest";
import { boundsOf, type Point, type XY } from "../geometry/plane.ts";
import { insideRing, ringArea } from "../geometry/rings.ts";
import { randomRing, seeded } from "../testing/make.ts";
import { KIND_NAMES, kindOf, shapeFromIpc, ShapeError, shapeToIpc, type Shape } from "./index.ts";

function randomShapes(count: number): Shape[] {
  const random = seeded(7);
  return Array.from({ length: count }, (_, i): Shape => {
    const [cx, cy] = [20 + 60 * random(), 20 + 60 * random()];
    const ring = randomRing(random, cx, cy, 5 + 15 * random(), 3 + Math.floor(20 * random()));
    switch (i % 4) {
      case 0:
        return { kind: "box", x: cx, y: cy, width: 1 + 20 * random(), height: 1 + 20 * random() };
      case 1: {
        const hole = ring.map(([x, y]): XY => [cx + (x - cx) * 0.4, cy + (y - cy) * 0.4]);
        return { kind: "polygon", outer: ring, holes: i % 8 === 1 ? [hole] : [] };
      }
      case 2:
        return { kind: "polyline", points: ring };
      default:
        return { kind: "point", x: cx, y: cy };
    }
  });
}

/** The outline as chains, for the slow computations. */
function outline(shape: Shape): { chains: readonly (readonly XY[])[]; closed: boolean } {
  switch (shape.kind) {
    case "polygon":
      return { chains: [shape.outer, ...shape.holes], closed: true };
    case "polyline":
      return { chains: [shape.points], closed: false };
    default:
      return { chains: [kindOf(shape).vertices(shape)], closed: true };
  }
}

/** Distance to the outline by walking along it in small steps: never less than the true one. */
function walkedDistance(shape: Shape, p: Point): number {
  const { chains, closed } = outline(shape);
  let best = Infinity;
  for (const chain of chains) {
    const edges = closed ? chain.length : chain.length - 1;
    for (let i = 0; i < edges; i++) {
      const [ax, ay] = chain[i] as XY;
      const [bx, by] = chain[(i + 1) % chain.length] as XY;
      for (let t = 0; t <= 1; t += 0.02) {
        best = Math.min(best, Math.hypot(ax + t * (bx - ax) - p.x, ay + t * (by - ay) - p.y));
      }
    }
  }
  return best;
}

/** Whether `p` lies inside, by the winding of angles around it: another method than the code's. */
function woundInside(ring: readonly XY[], p: Point): boolean {
  let angle = 0;
  ring.forEach(([ax, ay], i) => {
    const [bx, by] = ring[(i + 1) % ring.length] as XY;
    const turn = Math.atan2(by - p.y, bx - p.x) - Math.atan2(ay - p.y, ax - p.x);
    angle += turn > Math.PI ? turn - 2 * Math.PI : turn < -Math.PI ? turn + 2 * Math.PI : turn;
  });
  return Math.abs(angle) > 1;
}

describe.each(randomShapes(80).map((shape, i) => ({ name: `${shape.kind} ${i}`, shape })))(
  "$name",
  ({ shape }) => {
    const kind = kindOf(shape);

    it("crosses to the core and back", () => {
      const json: unknown = JSON.parse(JSON.stringify(shapeToIpc(shape)));
      expect(shapeFromIpc(json)).toEqual(shape);
      expect(kind.isValid(shape)).toBe(true);
    });

    it("has bounds that are its vertices'", () => {
      expect(kind.bounds(shape)).toEqual(boundsOf(kind.vertices(shape)));
    });

    it("keeps area and extent when shifted, and comes back", () => {
      const moved = kind.translate(shape, 13.25, -7.5);
      const back = kind.translate(moved, -13.25, 7.5);
      expect(kind.area(moved)).toBeCloseTo(kind.area(shape), 6);
      kind.vertices(shape).forEach(([x, y], i) => {
        const [movedX, movedY] = kind.vertices(moved)[i] as XY;
        const [backX, backY] = kind.vertices(back)[i] as XY;
        expect([movedX, movedY]).toEqual([x + 13.25, y - 7.5]);
        expect(backX).toBeCloseTo(x, 9);
        expect(backY).toBeCloseTo(y, 9);
      });
    });

    it("is hit where a slow test says so", () => {
      const random = seeded(11);
      const tolerance = 2;
      for (let i = 0; i < 120; i++) {
        const p = { x: 100 * random(), y: 100 * random() };
        const away = walkedDistance(shape, p);
        // Walking overestimates a little: what is this near the limit is not asked.
        if (Math.abs(away - tolerance) < 0.2) continue;
        const { chains } = outline(shape);
        const inside =
          kind.painting === "area" && chains.filter((ring) => woundInside(ring, p)).length % 2 === 1;
        const expected = inside || away < tolerance;
        // A box is hit in the whole of its grown rectangle, corners included.
        if (shape.kind === "box" && !expected) continue;
        expect(kind.hit(shape, p, tolerance), `${p.x} ${p.y}`).toBe(expected);
      }
    });

    it("a marquee takes it when it holds a vertex, and not when far away", () => {
      const [x, y] = kind.vertices(shape)[0] as XY;
      expect(kind.within(shape, { minX: x - 1, minY: y - 1, maxX: x + 1, maxY: y + 1 })).toBe(true);
      expect(kind.within(shape, { minX: 300, minY: 300, maxX: 310, maxY: 310 })).toBe(false);
    });

    it("has handles that move, and only they do", () => {
      for (const handle of kind.handles(shape)) {
        const to = { x: handle.at.x + 3, y: handle.at.y + 2 };
        const moved = kind.moveHandle(shape, handle.id, to);
        expect(moved).not.toEqual(shape);
        if (handle.role === "side") continue;
        const at = kind.vertices(moved);
        expect(at.some(([x, y]) => Math.abs(x - to.x) < 1e-9 && Math.abs(y - to.y) < 1e-9)).toBe(true);
      }
      expect(kind.moveHandle(shape, "none", { x: 0, y: 0 })).toBe(shape);
    });

    it("gets a vertex on an edge without changing its area, and gives it back", () => {
      const near = kind.nearestEdge(shape, { x: 50, y: 50 });
      const grown = near && kind.insertVertex(shape, near.edge, near.at);
      if (!near || !grown) return;
      expect(near.distance).toBeLessThanOrEqual(walkedDistance(shape, { x: 50, y: 50 }) + 1e-9);
      expect(kind.area(grown.shape)).toBeCloseTo(kind.area(shape), 6);
      expect(kind.vertices(grown.shape)).toHaveLength(kind.vertices(shape).length + 1);
      expect(kind.handles(grown.shape).find((h) => h.id === grown.handle)?.at).toEqual(near.at);
      expect(kind.deleteVertex(grown.shape, grown.handle)).toEqual(shape);
    });

    it("traces finely as it is, coarsely with fewer vertices of its own", () => {
      const own = new Set(kind.vertices(shape).map(String));
      const fine = traced(shape, 0);
      expect(new Set(fine.map(String))).toEqual(own);
      const coarse = traced(shape, 4);
      expect(coarse.length).toBeLessThanOrEqual(fine.length);
      for (const vertex of coarse) expect(own.has(String(vertex))).toBe(true);
    });
  },
);

function traced(shape: Shape, step: number): XY[] {
  const points: XY[] = [];
  const record = (x: number, y: number): void => void points.push([x, y]);
  const path = { moveTo: record, lineTo: record, closePath: () => undefined };
  kindOf(shape).trace(shape, path, step);
  return points;
}

describe("area", () => {
  it.each<[string, Shape, number]>([
    ["box", { kind: "box", x: 1, y: 2, width: 3, height: 4 }, 12],
    ["triangle", { kind: "polygon", outer: [[0, 0], [4, 0], [0, 3]], holes: [] }, 6],
    ["the other way round", { kind: "polygon", outer: [[0, 3], [4, 0], [0, 0]], holes: [] }, 6],
    [
      "with a hole",
      {
        kind: "polygon",
        outer: [[0, 0], [10, 0], [10, 10], [0, 10]],
        holes: [[[2, 2], [2, 4], [4, 4], [4, 2]]],
      },
      96,
    ],
    ["polyline", { kind: "polyline", points: [[0, 0], [9, 9]] }, 0],
    ["point", { kind: "point", x: 1, y: 1 }, 0],
  ])("%s", (_name, shape, area) => {
    expect(kindOf(shape).area(shape)).toBe(area);
  });

  it("is the share of random points that lie inside", () => {
    const random = seeded(3);
    for (let i = 0; i < 5; i++) {
      const ring = randomRing(random, 50, 50, 40, 12);
      let inside = 0;
      for (let n = 0; n < 20_000; n++) {
        if (insideRing({ x: 100 * random(), y: 100 * random() }, ring)) inside++;
      }
      expect(inside / 2).toBeGreaterThan(ringArea(ring) * 0.95);
      expect(inside / 2).toBeLessThan(ringArea(ring) * 1.05);
    }
  });

  it("keeps its digits far from the origin", () => {
    const [x, y] = [25_000.125, 22_000.25];
    const ring: XY[] = [[x, y], [x + 0.5, y], [x + 0.5, y + 0.5], [x, y + 0.5]];
    expect(ringArea(ring)).toBe(0.25);
  });
});

describe("a marquee", () => {
  const ring: Shape = {
    kind: "polygon",
    outer: [[0, 0], [100, 0], [100, 100], [0, 100]],
    holes: [[[20, 20], [80, 20], [80, 80], [20, 80]]],
  };
  it.each([
    ["wholly inside the area", 5, 5, 10, 10, true],
    ["wholly inside the hole", 40, 40, 50, 50, false],
    ["across the hole's border", 10, 40, 30, 50, true],
    ["around everything", -10, -10, 200, 200, true],
    ["beside it", 101, 0, 110, 10, false],
  ])("%s", (_name, minX, minY, maxX, maxY, taken) => {
    expect(kindOf(ring).within(ring, { minX, minY, maxX, maxY })).toBe(taken);
  });
});

describe("the form of the core", () => {
  it("knows these kinds", () => {
    expect([...KIND_NAMES].sort()).toEqual(["box", "point", "polygon", "polyline"]);
  });

  it("a polygon may leave its holes out", () => {
    expect(shapeFromIpc({ kind: "polygon", outer: [[0, 0], [1, 0], [0, 1]] })).toEqual({
      kind: "polygon",
      outer: [[0, 0], [1, 0], [0, 1]],
      holes: [],
    });
  });

  it.each<[unknown, RegExp]>([
    [null, /an object/],
    [{ kind: "blob" }, /no shape is called blob/],
    [{ kind: "box", x: 0, y: 0, width: 0, height: 4 }, /no area: 0 x 4/],
    [{ kind: "box", x: 0, y: 0, width: "3", height: 4 }, /width is not a finite number/],
    [{ kind: "box", x: NaN, y: 0, width: 3, height: 4 }, /x is not a finite number/],
    [{ kind: "polygon", outer: [[0, 0], [1, 1]], holes: [] }, /outer has 2 vertices, and needs 3/],
    [{ kind: "polygon", outer: [[0, 0], [1, 1], [2]], holes: [] }, /outer: vertex 2/],
    [{ kind: "polygon", outer: [[0, 0], [1, 0], [0, 1]], holes: [[]] }, /hole 0 has 0 vertices/],
    [{ kind: "polyline", points: [[0, 0]] }, /points has 1 vertices, and needs 2/],
    [{ kind: "polyline" }, /not a list/],
    [{ kind: "point", x: Infinity, y: 0 }, /x is not a finite number/],
  ])("refuses %j", (value, message) => {
    expect(() => shapeFromIpc(value)).toThrow(ShapeError);
    expect(() => shapeFromIpc(value)).toThrow(message);
  });
});
