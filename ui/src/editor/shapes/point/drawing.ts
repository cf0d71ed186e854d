//! Point: its position; the view puts a marker of constant size there.

import type { PathSink } from "../kind.ts";
import type { PointShape } from "./geometry.ts";

export function trace({ x, y }: PointShape, path: PathSink): void {
  path.moveTo(x, y);
}
