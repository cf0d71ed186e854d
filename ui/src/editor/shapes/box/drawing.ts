//! Box: its outline.

import type { PathSink } from "../kind.ts";
import { vertices, type Box } from "./geometry.ts";

export function trace(box: Box, path: PathSink): void {
  vertices(box).forEach(([x, y], i) => (i === 0 ? path.moveTo(x, y) : path.lineTo(x, y)));
  path.closePath();
}
