//! Box: four corners and four sides to pull at. A corner pulled past its opposite turns the box
//! over instead of giving it a negative extent.

import { rectBetween, type Point } from "../../geometry/plane.ts";
import type { Handle } from "../kind.ts";
import { bounds, boxOf, type Box } from "./geometry.ts";

// -1, 0, 1: left, middle, right; top, middle, bottom.
const GRIPS: readonly { id: string; h: -1 | 0 | 1; v: -1 | 0 | 1; cursor: string }[] = [
  { id: "nw", h: -1, v: -1, cursor: "nwse-resize" },
  { id: "n", h: 0, v: -1, cursor: "ns-resize" },
  { id: "ne", h: 1, v: -1, cursor: "nesw-resize" },
  { id: "e", h: 1, v: 0, cursor: "ew-resize" },
  { id: "se", h: 1, v: 1, cursor: "nwse-resize" },
  { id: "s", h: 0, v: 1, cursor: "ns-resize" },
  { id: "sw", h: -1, v: 1, cursor: "nesw-resize" },
  { id: "w", h: -1, v: 0, cursor: "ew-resize" },
];

export function handles(box: Box): Handle[] {
  return GRIPS.map(({ id, h, v, cursor }) => ({
    id,
    at: { x: box.x + (box.width * (h + 1)) / 2, y: box.y + (box.height * (v + 1)) / 2 },
    role: h !== 0 && v !== 0 ? "corner" : "side",
    cursor,
  }));
}

export function moveHandle(box: Box, handle: string, to: Point): Box {
  const grip = GRIPS.find((g) => g.id === handle);
  if (!grip) return box;
  const r = bounds(box);
  const moved = {
    minX: grip.h < 0 ? to.x : r.minX,
    maxX: grip.h > 0 ? to.x : r.maxX,
    minY: grip.v < 0 ? to.y : r.minY,
    maxY: grip.v > 0 ? to.y : r.maxY,
  };
  return boxOf(rectBetween({ x: moved.minX, y: moved.minY }, { x: moved.maxX, y: moved.maxY }));
}
