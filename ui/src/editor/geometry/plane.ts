//! Points and rectangles of the plane. All lengths are continuous float pixels; x grows to the
//! right, y downwards; the origin is the image's outer top-left corner.

/** A position in pixels. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A position as files and the core write it: `[x, y]`. */
export type XY = readonly [number, number];

/** An axis-parallel rectangle; empty when it is a single point. */
export interface Rect {
  readonly minX: number;
  readonly minY: number;
  readonly maxX: number;
  readonly maxY: number;
}

/** A width and a height in pixels, both above zero. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** The distance between two points. */
export function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

/** `value` moved into `low..=high`. */
export function clamp(value: number, low: number, high: number): number {
  return value < low ? low : value > high ? high : value;
}

/** The point of the image (its border included) that lies nearest to `at`. */
export function clampToImage(at: Point, image: Size): Point {
  return { x: clamp(at.x, 0, image.width), y: clamp(at.y, 0, image.height) };
}

/** The rectangle between two opposite corners, in any order. */
export function rectBetween(a: Point, b: Point): Rect {
  return {
    minX: Math.min(a.x, b.x),
    minY: Math.min(a.y, b.y),
    maxX: Math.max(a.x, b.x),
    maxY: Math.max(a.y, b.y),
  };
}

/** The smallest rectangle around the vertices; there must be at least one. */
export function boundsOf(points: readonly XY[]): Rect {
  let minX = Infinity;
  let minY = Infinity;
  let maxX = -Infinity;
  let maxY = -Infinity;
  for (const [x, y] of points) {
    if (x < minX) minX = x;
    if (x > maxX) maxX = x;
    if (y < minY) minY = y;
    if (y > maxY) maxY = y;
  }
  return { minX, minY, maxX, maxY };
}

/** The smallest rectangle around both. */
export function union(a: Rect, b: Rect): Rect {
  return {
    minX: Math.min(a.minX, b.minX),
    minY: Math.min(a.minY, b.minY),
    maxX: Math.max(a.maxX, b.maxX),
    maxY: Math.max(a.maxY, b.maxY),
  };
}

/** The rectangle grown by `by` on every side. */
export function grow(r: Rect, by: number): Rect {
  return { minX: r.minX - by, minY: r.minY - by, maxX: r.maxX + by, maxY: r.maxY + by };
}

/** Whether they share a point; touching borders count. */
export function intersects(a: Rect, b: Rect): boolean {
  return a.minX <= b.maxX && b.minX <= a.maxX && a.minY <= b.maxY && b.minY <= a.maxY;
}

/** Whether `inner` lies in `outer`; touching borders count. */
export function contains(outer: Rect, inner: Rect): boolean {
  return (
    outer.minX <= inner.minX &&
    outer.minY <= inner.minY &&
    outer.maxX >= inner.maxX &&
    outer.maxY >= inner.maxY
  );
}

/** The middle of a rectangle. */
export function centreOf(r: Rect): Point {
  return { x: (r.minX + r.maxX) / 2, y: (r.minY + r.maxY) / 2 };
}

/**
 * The part of the shift `by` that keeps `bounds` inside the image. What already reaches outside
 * may stay where it is, but gets no farther out.
 */
export function clampShift(bounds: Rect, by: Point, image: Size): Point {
  return {
    x: clamp(by.x, Math.min(0, -bounds.minX), Math.max(0, image.width - bounds.maxX)),
    y: clamp(by.y, Math.min(0, -bounds.minY), Math.max(0, image.height - bounds.maxY)),
  };
}
