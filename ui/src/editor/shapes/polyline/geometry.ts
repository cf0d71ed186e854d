//! Polyline: a chain of straight edges without an interior.

import { boundsOf, type Rect, type XY } from "../../geometry/plane.ts";
import { lengthOf } from "../../geometry/segments.ts";

/** At least two vertices, joined in order. */
export interface Polyline {
  readonly kind: "polyline";
  readonly points: readonly XY[];
}

export function bounds(line: Polyline): Rect {
  return boundsOf(line.points);
}

export function vertices(line: Polyline): readonly XY[] {
  return line.points;
}

export function translate(line: Polyline, dx: number, dy: number): Polyline {
  return { kind: "polyline", points: line.points.map(([x, y]) => [x + dx, y + dy]) };
}

export function isValid(line: Polyline): boolean {
  return (
    line.points.length >= 2 &&
    line.points.flat().every(Number.isFinite) &&
    lengthOf(line.points) > 0
  );
}
