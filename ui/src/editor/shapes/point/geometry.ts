//! Point: one position.

import type { Rect, XY } from "../../geometry/plane.ts";

/** One position in pixels. */
export interface PointShape {
  readonly kind: "point";
  readonly x: number;
  readonly y: number;
}

export function bounds({ x, y }: PointShape): Rect {
  return { minX: x, minY: y, maxX: x, maxY: y };
}

export function vertices({ x, y }: PointShape): XY[] {
  return [[x, y]];
}

export function translate({ x, y }: PointShape, dx: number, dy: number): PointShape {
  return { kind: "point", x: x + dx, y: y + dy };
}

export function isValid({ x, y }: PointShape): boolean {
  return Number.isFinite(x) && Number.isFinite(y);
}
