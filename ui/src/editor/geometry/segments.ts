//! Distances to straight edges, and chains of edges.

import type { Point, XY } from "./plane.ts";

/** The foot of the perpendicular from `p` on the edge `a`–`b`, kept within the edge. */
export function nearestOnEdge(p: Point, a: XY, b: XY): Point {
  const dx = b[0] - a[0];
  const dy = b[1] - a[1];
  const lengthSquared = dx * dx + dy * dy;
  if (lengthSquared === 0) return { x: a[0], y: a[1] };
  const t = ((p.x - a[0]) * dx + (p.y - a[1]) * dy) / lengthSquared;
  const within = t < 0 ? 0 : t > 1 ? 1 : t;
  return { x: a[0] + within * dx, y: a[1] + within * dy };
}

/** The distance from `p` to the edge `a`–`b`. */
export function distanceToEdge(p: Point, a: XY, b: XY): number {
  const foot = nearestOnEdge(p, a, b);
  return Math.hypot(p.x - foot.x, p.y - foot.y);
}

/** An edge of a chain, and where on it the nearest point lies. */
export interface NearestEdge {
  /** Index of the edge's first vertex. */
  readonly index: number;
  /** The nearest point on it. */
  readonly at: Point;
  /** How far away that is, in pixels. */
  readonly distance: number;
}

/** The edge of a chain nearest to `p`; `closed` adds the edge from the last vertex to the first. */
export function nearestEdge(
  p: Point,
  points: readonly XY[],
  closed: boolean,
): NearestEdge | undefined {
  let best: NearestEdge | undefined;
  const edges = closed ? points.length : points.length - 1;
  for (let index = 0; index < edges; index++) {
    const a = points[index] as XY;
    const b = points[(index + 1) % points.length] as XY;
    const at = nearestOnEdge(p, a, b);
    const away = Math.hypot(p.x - at.x, p.y - at.y);
    if (!best || away < best.distance) best = { index, at, distance: away };
  }
  return best;
}

/** The length of a chain. */
export function lengthOf(points: readonly XY[]): number {
  let sum = 0;
  for (let i = 1; i < points.length; i++) {
    const [ax, ay] = points[i - 1] as XY;
    const [bx, by] = points[i] as XY;
    sum += Math.hypot(bx - ax, by - ay);
  }
  return sum;
}

/** The chain without vertices that repeat the one before them. */
export function withoutRepeats(points: readonly XY[]): XY[] {
  return points.filter((p, i) => {
    const before = points[i - 1];
    return !before || before[0] !== p[0] || before[1] !== p[1];
  });
}
