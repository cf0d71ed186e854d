//! Box: its size, then its place.

import type { Figure } from "../kind.ts";
import type { Box } from "./geometry.ts";

export function figures({ x, y, width, height }: Box): [Figure, ...Figure[]] {
  return [
    { name: "extent", width, height },
    { name: "place", x, y },
  ];
}
