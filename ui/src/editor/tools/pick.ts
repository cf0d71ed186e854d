//! What lies under the pointer.

import type { Annotation } from "../document/annotation.ts";
import type { Point, Rect } from "../geometry/plane.ts";
import { distance, grow } from "../geometry/plane.ts";
import { kindOf, type Handle } from "../shapes/index.ts";
import { GRAB } from "./metrics.ts";
import type { ToolView } from "./tool.ts";

/** The reach of the pointer in image pixels. */
export function reach(view: ToolView): number {
  return GRAB / view.scale;
}

/**
 * The annotation that a click at `at` means: of all that it touches, the one drawn highest, and
 * among equals the smallest, so that what lies inside a larger one can be reached.
 */
export function pick(view: ToolView, at: Point): Annotation | undefined {
  const tolerance = reach(view);
  const around = grow({ minX: at.x, minY: at.y, maxX: at.x, maxY: at.y }, tolerance);
  let best: Annotation | undefined;
  let bestSize = 0;
  for (const annotation of view.document.search(around)) {
    if (!view.isVisible(annotation)) continue;
    const kind = kindOf(annotation.shape);
    if (!kind.hit(annotation.shape, at, tolerance)) continue;
    const size = kind.area(annotation.shape);
    const wins =
      !best ||
      annotation.zOrder > best.zOrder ||
      (annotation.zOrder === best.zOrder && size <= bestSize);
    if (wins) {
      best = annotation;
      bestSize = size;
    }
  }
  return best;
}

/** All annotations that a marquee over `area` takes. */
export function pickWithin(view: ToolView, area: Rect): Annotation[] {
  return view.document
    .search(area)
    .filter((a) => view.isVisible(a) && kindOf(a.shape).within(a.shape, area));
}

/** The one selected annotation; `undefined` when there are none or several. */
export function soleSelected(view: ToolView): Annotation | undefined {
  if (view.selection.size !== 1) return undefined;
  const [id] = view.selection;
  return id === undefined ? undefined : view.document.get(id);
}

/** The one selected annotation, if its shape may be changed and is to be seen. */
export function soleEditable(view: ToolView): Annotation | undefined {
  const annotation = soleSelected(view);
  if (!annotation || annotation.locked || view.readOnly) return undefined;
  return view.isVisible(annotation) ? annotation : undefined;
}

/** The handle of the annotation nearest to `at`, within reach. */
export function pickHandle(view: ToolView, of: Annotation, at: Point): Handle | undefined {
  let best: Handle | undefined;
  let bestDistance = reach(view);
  for (const handle of kindOf(of.shape).handles(of.shape)) {
    const away = distance(handle.at, at);
    if (away <= bestDistance) {
      best = handle;
      bestDistance = away;
    }
  }
  return best;
}
