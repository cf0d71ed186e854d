//! Polyline: one handle per vertex; vertices go in and out, and the last two stay.

import type { Point } from "../../geometry/plane.ts";
import {
  chainHandles,
  chainId,
  editChain,
  nearestChainEdge,
  parseChainId,
} from "../chain.ts";
import type { EdgeSpot, Handle } from "../kind.ts";
import type { Polyline } from "./geometry.ts";

export function handles(line: Polyline): Handle[] {
  return chainHandles([line.points]);
}

export function moveHandle(line: Polyline, handle: string, to: Point): Polyline {
  const points = editChain([line.points], handle, (p, i) => (p[i] = [to.x, to.y]))?.[0];
  return points ? { kind: "polyline", points } : line;
}

export function nearestEdge(line: Polyline, at: Point): EdgeSpot | undefined {
  return nearestChainEdge([line.points], at, false);
}

export function insertVertex(
  line: Polyline,
  edge: string,
  at: Point,
): { shape: Polyline; handle: string } | undefined {
  const place = parseChainId(edge);
  const points = editChain([line.points], edge, (p, i) => p.splice(i + 1, 0, [at.x, at.y]))?.[0];
  if (!place || !points) return undefined;
  return { shape: { kind: "polyline", points }, handle: chainId(0, place.index + 1) };
}

export function deleteVertex(line: Polyline, handle: string): Polyline | undefined {
  const points = editChain([line.points], handle, (p, i) => p.splice(i, 1))?.[0];
  return points && points.length >= 2 ? { kind: "polyline", points } : undefined;
}
