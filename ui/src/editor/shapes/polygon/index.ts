//! Polygon: all that the editor knows about it.

import type { ShapeKind } from "../kind.ts";
import { trace } from "./drawing.ts";
import { figures } from "./figures.ts";
import { area, bounds, isValid, translate, vertices, type Polygon } from "./geometry.ts";
import { deleteVertex, handles, insertVertex, moveHandle, nearestEdge } from "./handles.ts";
import { hit, within } from "./hit-test.ts";
import { fromIpc, toIpc } from "./ipc.ts";

export const polygon: ShapeKind<Polygon> = {
  kind: "polygon",
  painting: "area",
  bounds,
  area,
  vertices,
  translate,
  isValid,
  figures,
  hit,
  within,
  trace,
  handles,
  moveHandle,
  nearestEdge,
  insertVertex,
  deleteVertex,
  toIpc,
  fromIpc,
};
