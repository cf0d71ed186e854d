//! Figures of a shape for the details: name of the message and the value in pixels.

import type { Shape } from "../../editor/index.ts";
import { count } from "../../i18n/format.ts";
import { t } from "../../i18n/index.ts";

type Figure = readonly [name: string, value: string];

const place = (x: number, y: number) => `${x.toFixed(1)}, ${y.toFixed(1)}`;

/** What can be said about a shape, by kind. */
export function figures(shape: Shape): readonly Figure[] {
  switch (shape.kind) {
    case "box":
      return [
        ["place", place(shape.x, shape.y)],
        ["extent", `${shape.width.toFixed(1)} × ${shape.height.toFixed(1)}`],
      ];
    case "polygon":
      return [
        ["vertices", count(shape.outer.length)],
        ["holes", count(shape.holes.length)],
      ];
    case "polyline":
      return [["vertices", count(shape.points.length)]];
    case "point":
      return [["place", place(shape.x, shape.y)]];
  }
}

/** The one figure that tells a shape from its like in a list: its size, its vertices, its place. */
export function summary(shape: Shape): string {
  switch (shape.kind) {
    case "box":
      return `${count(shape.width)} × ${count(shape.height)}`;
    case "polygon":
      return t("figure-points", { count: shape.outer.length, text: count(shape.outer.length) });
    case "polyline":
      return t("figure-points", { count: shape.points.length, text: count(shape.points.length) });
    case "point":
      return `${count(shape.x)}, ${count(shape.y)}`;
  }
}
