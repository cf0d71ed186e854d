//! Box: what the pointer and a marquee touch.

import { grow, intersects, type Point, type Rect } from "../../geometry/plane.ts";
import { bounds, type Box } from "./geometry.ts";

export function hit(box: Box, at: Point, tolerance: number): boolean {
  const r = grow(bounds(box), tolerance);
  return at.x >= r.minX && at.x <= r.maxX && at.y >= r.minY && at.y <= r.maxY;
}

export function within(box: Box, area: Rect): boolean {
  return intersects(bounds(box), area);
}
