//! Point: what the pointer and a marquee touch.

import { distance, type Point, type Rect } from "../../geometry/plane.ts";
import type { PointShape } from "./geometry.ts";

export function hit(point: PointShape, at: Point, tolerance: number): boolean {
  return distance(point, at) <= tolerance;
}

export function within({ x, y }: PointShape, area: Rect): boolean {
  return x >= area.minX && x <= area.maxX && y >= area.minY && y <= area.maxY;
}
