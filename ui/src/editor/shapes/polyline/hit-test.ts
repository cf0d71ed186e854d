//! Polyline: what the pointer and a marquee touch: its edges alone.

import { intersects, type Point, type Rect } from "../../geometry/plane.ts";
import { chainCrosses, nearChain } from "../chain.ts";
import { bounds, type Polyline } from "./geometry.ts";

export function hit(line: Polyline, at: Point, tolerance: number): boolean {
  return nearChain(at, line.points, tolerance, false);
}

export function within(line: Polyline, area: Rect): boolean {
  return intersects(bounds(line), area) && chainCrosses(line.points, area, false);
}
