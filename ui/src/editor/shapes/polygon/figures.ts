//! Polygon: its outline's vertices, and its holes.

import type { Figure } from "../kind.ts";
import type { Polygon } from "./geometry.ts";

export function figures({ outer, holes }: Polygon): [Figure, ...Figure[]] {
  return [
    { name: "vertices", count: outer.length },
    { name: "holes", count: holes.length },
  ];
}
