//! A shape's figures in words: name of the message and the value in pixels.

import { kindOf, type Figure, type Shape } from "../../editor/index.ts";
import { count } from "../../i18n/format.ts";
import { t } from "../../i18n/index.ts";

/** To a tenth of a pixel. */
function exactly(figure: Figure): string {
  switch (figure.name) {
    case "extent":
      return `${figure.width.toFixed(1)} × ${figure.height.toFixed(1)}`;
    case "place":
      return `${figure.x.toFixed(1)}, ${figure.y.toFixed(1)}`;
    default:
      return count(figure.count);
  }
}

/** What can be said about a shape. */
export function figures(shape: Shape): readonly (readonly [name: string, value: string])[] {
  return kindOf(shape)
    .figures(shape)
    .map((figure) => [figure.name, exactly(figure)]);
}

/** The one figure that tells a shape from its like in a list, to the pixel. */
export function summary(shape: Shape): string {
  const [figure] = kindOf(shape).figures(shape);
  switch (figure.name) {
    case "extent":
      return `${count(figure.width)} × ${count(figure.height)}`;
    case "place":
      return `${count(figure.x)}, ${count(figure.y)}`;
    default:
      return t("figure-points", { count: figure.count, text: count(figure.count) });
  }
}
