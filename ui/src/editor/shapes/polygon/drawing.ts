//! Polygon: its rings, to be filled by the even-odd rule.

import { traceChain } from "../chain.ts";
import type { PathSink } from "../kind.ts";
import type { Polygon } from "./geometry.ts";

export function trace(polygon: Polygon, path: PathSink, step: number): void {
  traceChain(polygon.outer, path, step, true);
  for (const hole of polygon.holes) traceChain(hole, path, step, true);
}
