//! Box: the form that crosses to the core, `{kind: "box", x, y, width, height}`.

import { ShapeError } from "../kind.ts";
import { readNumber } from "../read.ts";
import { isValid, type Box } from "./geometry.ts";

export function toIpc(box: Box): Box {
  return { kind: "box", x: box.x, y: box.y, width: box.width, height: box.height };
}

export function fromIpc(value: Readonly<Record<string, unknown>>): Box {
  const box: Box = {
    kind: "box",
    x: readNumber(value, "x"),
    y: readNumber(value, "y"),
    width: readNumber(value, "width"),
    height: readNumber(value, "height"),
  };
  if (!isValid(box)) throw new ShapeError(`box: it has no area: ${box.width} x ${box.height}`);
  return box;
}
