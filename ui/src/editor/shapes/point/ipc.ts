//! Point: the form that crosses to the core, `{kind: "point", x, y}`.

import { readNumber } from "../read.ts";
import type { PointShape } from "./geometry.ts";

export function toIpc({ x, y }: PointShape): PointShape {
  return { kind: "point", x, y };
}

export function fromIpc(value: Readonly<Record<string, unknown>>): PointShape {
  return { kind: "point", x: readNumber(value, "x"), y: readNumber(value, "y") };
}
