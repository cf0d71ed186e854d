//! Box: the axis-parallel rectangle, given by its top-left corner and extent.

import { rectBetween, type Point, type Rect, type XY } from "../../geometry/plane.ts";

/** An axis-parallel rectangle; width and height are above zero. */
export interface Box {
  readonly kind: "box";
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The box that fills a rectangle. */
export function boxOf(r: Rect): Box {
  return { kind: "box", x: r.minX, y: r.minY, width: r.maxX - r.minX, height: r.maxY - r.minY };
}

/** The box between two opposite corners, in any order. */
export function boxBetween(a: Point, b: Point): Box {
  return boxOf(rectBetween(a, b));
}

export function bounds(box: Box): Rect {
  return { minX: box.x, minY: box.y, maxX: box.x + box.width, maxY: box.y + box.height };
}

export function area(box: Box): number {
  return box.width * box.height;
}

/** The corners, clockwise on the screen from the top left. */
export function vertices(box: Box): XY[] {
  const { minX, minY, maxX, maxY } = bounds(box);
  return [
    [minX, minY],
    [maxX, minY],
    [maxX, maxY],
    [minX, maxY],
  ];
}

export function translate(box: Box, dx: number, dy: number): Box {
  return { ...box, x: box.x + dx, y: box.y + dy };
}

export function isValid(box: Box): boolean {
  const numbers = [box.x, box.y, box.width, box.height];
  return numbers.every(Number.isFinite) && box.width > 0 && box.height > 0;
}
