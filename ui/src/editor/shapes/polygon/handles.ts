//! Polygon: one handle per vertex of every ring; vertices go in and out. A hole that would be left
//! with two vertices goes with them; the outer ring keeps its last three.

import type { Point } from "../../geometry/plane.ts";
import {
  chainHandles,
  chainId,
  editChain,
  nearestChainEdge,
  parseChainId,
} from "../chain.ts";
import type { EdgeSpot, Handle } from "../kind.ts";
import { polygonOf, rings, type Polygon } from "./geometry.ts";

export function handles(polygon: Polygon): Handle[] {
  return chainHandles(rings(polygon));
}

export function moveHandle(polygon: Polygon, handle: string, to: Point): Polygon {
  const edited = editChain(rings(polygon), handle, (points, i) => (points[i] = [to.x, to.y]));
  return (edited && polygonOf(edited)) ?? polygon;
}

export function nearestEdge(polygon: Polygon, at: Point): EdgeSpot | undefined {
  return nearestChainEdge(rings(polygon), at, true);
}

export function insertVertex(
  polygon: Polygon,
  edge: string,
  at: Point,
): { shape: Polygon; handle: string } | undefined {
  const place = parseChainId(edge);
  const edited = editChain(rings(polygon), edge, (points, i) =>
    points.splice(i + 1, 0, [at.x, at.y]),
  );
  const shape = edited && polygonOf(edited);
  return place && shape && { shape, handle: chainId(place.chain, place.index + 1) };
}

export function deleteVertex(polygon: Polygon, handle: string): Polygon | undefined {
  const edited = editChain(rings(polygon), handle, (points, i) => points.splice(i, 1));
  if (!edited) return undefined;
  const [outer, ...holes] = edited;
  if (!outer || outer.length < 3) return undefined;
  return { kind: "polygon", outer, holes: holes.filter((hole) => hole.length >= 3) };
}
