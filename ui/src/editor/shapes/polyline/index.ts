//! Polyline: all that the editor knows about it.

import type { ShapeKind } from "../kind.ts";
import { trace } from "./drawing.ts";
import { figures } from "./figures.ts";
import { bounds, isValid, translate, vertices, type Polyline } from "./geometry.ts";
import { deleteVertex, handles, insertVertex, moveHandle, nearestEdge } from "./handles.ts";
import { hit, within } from "./hit-test.ts";
import { fromIpc, toIpc } from "./ipc.ts";

export const polyline: ShapeKind<Polyline> = {
  kind: "polyline",
  painting: "line",
  bounds,
  area: () => 0,
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
