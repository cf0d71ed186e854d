//! Polygon: the form that crosses to the core, `{kind: "polygon", outer: [[x, y], …], holes: [[[x,
//! y], …], …]}`; `holes` may be left out.

import { ShapeError } from "../kind.ts";
import { readVertices } from "../read.ts";
import type { Polygon } from "./geometry.ts";

export function toIpc(polygon: Polygon): Polygon {
  return { kind: "polygon", outer: polygon.outer, holes: polygon.holes };
}

export function fromIpc(value: Readonly<Record<string, unknown>>): Polygon {
  const holes = value["holes"] ?? [];
  if (!Array.isArray(holes)) throw new ShapeError("polygon: holes is not a list of rings");
  return {
    kind: "polygon",
    outer: readVertices(value["outer"], 3, "polygon: outer"),
    holes: holes.map((hole: unknown, i) => readVertices(hole, 3, `polygon: hole ${i}`)),
  };
}
