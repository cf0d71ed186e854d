//! Polyline: its vertices.

import type { Figure } from "../kind.ts";
import type { Polyline } from "./geometry.ts";

export function figures({ points }: Polyline): [Figure, ...Figure[]] {
  return [{ name: "vertices", count: points.length }];
}
