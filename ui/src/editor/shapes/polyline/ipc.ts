//! Polyline: the form that crosses to the core, `{kind: "polyline", points: [[x, y], …]}`.

import { readVertices } from "../read.ts";
import type { Polyline } from "./geometry.ts";

export function toIpc(line: Polyline): Polyline {
  return { kind: "polyline", points: line.points };
}

export function fromIpc(value: Readonly<Record<string, unknown>>): Polyline {
  return { kind: "polyline", points: readVertices(value["points"], 2, "polyline: points") };
}
