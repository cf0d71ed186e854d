//! Point: its place.

import type { Figure } from "../kind.ts";
import type { PointShape } from "./geometry.ts";

export function figures({ x, y }: PointShape): [Figure, ...Figure[]] {
  return [{ name: "place", x, y }];
}
