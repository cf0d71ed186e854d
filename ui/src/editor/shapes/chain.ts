//! What shapes made of vertex chains have in common: tracing, handles and edits of one chain.
//! A handle or edge id is `chain:index`, chains counted from 0.

import { insideRing } from "../geometry/rings.ts";
import { nearestEdge } from "../geometry/segments.ts";
import type { Point, Rect, XY } from "../geometry/plane.ts";
import type { EdgeSpot, Handle, PathSink } from "./kind.ts";

/** The id of a vertex or of the edge that starts at it. */
export function chainId(chain: number, index: number): string {
  return `${chain}:${index}`;
}

/** The chain and index of an id; `undefined` when it is none. */
export function parseChainId(id: string): { chain: number; index: number } | undefined {
  const match = /^(\d+):(\d+)$/.exec(id);
  return match ? { chain: Number(match[1]), index: Number(match[2]) } : undefined;
}

/** One handle per vertex of every chain. */
export function chainHandles(chains: readonly (readonly XY[])[]): Handle[] {
  return chains.flatMap((points, chain) =>
    points.map(([x, y], index) => ({
      id: chainId(chain, index),
      at: { x, y },
      role: "vertex" as const,
      cursor: "move",
    })),
  );
}

/** The spot nearest to `at` over all chains. */
export function nearestChainEdge(
  chains: readonly (readonly XY[])[],
  at: Point,
  closed: boolean,
): EdgeSpot | undefined {
  let best: EdgeSpot | undefined;
  chains.forEach((points, chain) => {
    const near = nearestEdge(at, points, closed);
    if (near && (!best || near.distance < best.distance)) {
      best = { edge: chainId(chain, near.index), at: near.at, distance: near.distance };
    }
  });
  return best;
}

/** The chains with one of them replaced by `edit` of it; `undefined` when the id names none. */
export function editChain(
  chains: readonly (readonly XY[])[],
  id: string,
  edit: (points: XY[], index: number) => void,
): XY[][] | undefined {
  const place = parseChainId(id);
  const points = place && chains[place.chain];
  if (!points || place.index >= points.length) return undefined;
  return chains.map((chain, i) => {
    const copy = chain.slice();
    if (i === place.chain) edit(copy, place.index);
    return copy;
  });
}

/**
 * Traces a chain, leaving out vertices closer than `step` (on both axes) to the last one drawn.
 * What is wholly smaller than `step` collapses: the scene draws that as a dot instead.
 */
export function traceChain(
  points: readonly XY[],
  path: PathSink,
  step: number,
  closed: boolean,
): void {
  const first = points[0];
  if (!first) return;
  path.moveTo(first[0], first[1]);
  let [lastX, lastY] = first;
  const last = points.length - 1;
  for (let i = 1; i <= last; i++) {
    const [x, y] = points[i] as XY;
    // An open line keeps its end; a ring returns to its start by itself.
    const needed = i === last && !closed;
    if (needed || Math.abs(x - lastX) >= step || Math.abs(y - lastY) >= step) {
      path.lineTo(x, y);
      lastX = x;
      lastY = y;
    }
  }
  if (closed) path.closePath();
}

/** Whether `p` is at most `tolerance` from an edge of the chain. */
export function nearChain(
  p: Point,
  points: readonly XY[],
  tolerance: number,
  closed: boolean,
): boolean {
  const near = nearestEdge(p, points, closed);
  return near !== undefined && near.distance <= tolerance;
}

/** Whether an edge of the chain shares a point with the rectangle. */
export function chainCrosses(points: readonly XY[], area: Rect, closed: boolean): boolean {
  const edges = closed ? points.length : points.length - 1;
  if (points.length === 1) return pointIn(points[0] as XY, area);
  for (let i = 0; i < edges; i++) {
    if (edgeCrosses(points[i] as XY, points[(i + 1) % points.length] as XY, area)) return true;
  }
  return false;
}

/** Whether the rectangle's corner lies inside the ring: it may lie wholly within it. */
export function cornerInside(ring: readonly XY[], area: Rect): boolean {
  return insideRing({ x: area.minX, y: area.minY }, ring);
}

function pointIn([x, y]: XY, r: Rect): boolean {
  return x >= r.minX && x <= r.maxX && y >= r.minY && y <= r.maxY;
}

// Liang and Barsky's clipping: the edge's parameter interval inside the rectangle is not empty.
function edgeCrosses([ax, ay]: XY, [bx, by]: XY, r: Rect): boolean {
  const dx = bx - ax;
  const dy = by - ay;
  let from = 0;
  let to = 1;
  const sides: readonly XY[] = [
    [-dx, ax - r.minX],
    [dx, r.maxX - ax],
    [-dy, ay - r.minY],
    [dy, r.maxY - ay],
  ];
  for (const [direction, room] of sides) {
    if (direction === 0) {
      if (room < 0) return false;
    } else if (direction < 0) {
      from = Math.max(from, room / direction);
    } else {
      to = Math.min(to, room / direction);
    }
  }
  return from <= to;
}
