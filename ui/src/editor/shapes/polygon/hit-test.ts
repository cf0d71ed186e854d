//! Polygon: what the pointer and a marquee touch. A hole is not the polygon, its border is.

import { grow, intersects, type Point, type Rect } from "../../geometry/plane.ts";
import { insideRing } from "../../geometry/rings.ts";
import { chainCrosses, nearChain } from "../chain.ts";
import { bounds, rings, type Polygon } from "./geometry.ts";

export function hit(polygon: Polygon, at: Point, tolerance: number): boolean {
  const here = { minX: at.x, minY: at.y, maxX: at.x, maxY: at.y };
  if (!intersects(grow(bounds(polygon), tolerance), here)) return false;
  return inside(polygon, at) || rings(polygon).some((r) => nearChain(at, r, tolerance, true));
}

export function within(polygon: Polygon, area: Rect): boolean {
  if (!intersects(bounds(polygon), area)) return false;
  // No edge crosses: the rectangle lies wholly inside or wholly outside.
  return (
    rings(polygon).some((ring) => chainCrosses(ring, area, true)) ||
    inside(polygon, { x: area.minX, y: area.minY })
  );
}

/** Whether `at` lies in the interior, holes taken out. */
export function inside(polygon: Polygon, at: Point): boolean {
  return insideRing(at, polygon.outer) && !polygon.holes.some((hole) => insideRing(at, hole));
}
