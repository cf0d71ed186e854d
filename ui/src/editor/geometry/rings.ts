//! Closed rings: area and containment. A ring is open in memory: its last vertex is not its first.

import type { Point, XY } from "./plane.ts";

/** The area by the shoelace formula, positive whatever the winding; square pixels. */
export function ringArea(ring: readonly XY[]): number {
  const origin = ring[0];
  if (!origin) return 0;
  // Relative to the first vertex: far from the origin the products would lose digits.
  let twice = 0;
  for (let i = 1; i + 1 < ring.length; i++) {
    const [ax, ay] = ring[i] as XY;
    const [bx, by] = ring[i + 1] as XY;
    twice += (ax - origin[0]) * (by - origin[1]) - (bx - origin[0]) * (ay - origin[1]);
  }
  return Math.abs(twice) / 2;
}

/** Whether `p` lies inside the ring, by the even-odd rule. */
export function insideRing(p: Point, ring: readonly XY[]): boolean {
  let inside = false;
  let before = ring[ring.length - 1];
  for (const vertex of ring) {
    if (before && vertex[1] > p.y !== before[1] > p.y) {
      const x =
        ((before[0] - vertex[0]) * (p.y - vertex[1])) / (before[1] - vertex[1]) + vertex[0];
      if (p.x < x) inside = !inside;
    }
    before = vertex;
  }
  return inside;
}
