//! Point: all that the editor knows about it.

import type { ShapeKind } from "../kind.ts";
import { trace } from "./drawing.ts";
import { figures } from "./figures.ts";
import { bounds, isValid, translate, vertices, type PointShape } from "./geometry.ts";
import { handles, moveHandle } from "./handles.ts";
import { hit, within } from "./hit-test.ts";
import { fromIpc, toIpc } from "./ipc.ts";

export const point: ShapeKind<PointShape> = {
  kind: "point",
  painting: "marker",
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
  nearestEdge: () => undefined,
  insertVertex: () => undefined,
  deleteVertex: () => undefined,
  toIpc,
  fromIpc,
};
