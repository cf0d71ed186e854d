//! Polygon: an area bounded by straight edges, with holes. Rings are open in memory and in files:
//! the last vertex is not the first again. What lies in an odd number of rings is inside.

import { boundsOf, type Rect, type XY } from "../../geometry/plane.ts";
import { ringArea } from "../../geometry/rings.ts";

/** One outer ring and any number of holes, each of at least three vertices. */
export interface Polygon {
  readonly kind: "polygon";
  readonly outer: readonly XY[];
  readonly holes: readonly (readonly XY[])[];
}

/** The outer ring, then the holes. */
export function rings(polygon: Polygon): readonly (readonly XY[])[] {
  return [polygon.outer, ...polygon.holes];
}

/** The polygon of such a list of rings; `undefined` when it is empty. */
export function polygonOf(list: readonly (readonly XY[])[]): Polygon | undefined {
  const [outer, ...holes] = list;
  return outer && { kind: "polygon", outer, holes };
}

export function bounds(polygon: Polygon): Rect {
  return boundsOf(polygon.outer);
}

/** The outer ring's area less the holes', which must not overlap; square pixels. */
export function area(polygon: Polygon): number {
  return polygon.holes.reduce((sum, hole) => sum - ringArea(hole), ringArea(polygon.outer));
}

export function vertices(polygon: Polygon): readonly XY[] {
  return polygon.holes.length === 0 ? polygon.outer : rings(polygon).flat();
}

export function translate(polygon: Polygon, dx: number, dy: number): Polygon {
  const shift = (ring: readonly XY[]): XY[] => ring.map(([x, y]) => [x + dx, y + dy]);
  return { kind: "polygon", outer: shift(polygon.outer), holes: polygon.holes.map(shift) };
}

export function isValid(polygon: Polygon): boolean {
  return (
    rings(polygon).every((ring) => ring.length >= 3 && ring.flat().every(Number.isFinite)) &&
    ringArea(polygon.outer) > 0
  );
}
