//! Point: itself is its only handle.

import type { Point } from "../../geometry/plane.ts";
import type { Handle } from "../kind.ts";
import type { PointShape } from "./geometry.ts";

const ITSELF = "at";

export function handles({ x, y }: PointShape): Handle[] {
  return [{ id: ITSELF, at: { x, y }, role: "corner", cursor: "move" }];
}

export function moveHandle(point: PointShape, handle: string, to: Point): PointShape {
  return handle === ITSELF ? { kind: "point", x: to.x, y: to.y } : point;
}
