//! Polyline: its edges.

import { traceChain } from "../chain.ts";
import type { PathSink } from "../kind.ts";
import type { Polyline } from "./geometry.ts";

export function trace(line: Polyline, path: PathSink, step: number): void {
  traceChain(line.points, path, step, false);
}
