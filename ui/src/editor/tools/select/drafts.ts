//! The changes that the select tool gives.

import type { Annotation } from "../../document/annotation.ts";
import type { Draft, Edit } from "../../document/change.ts";
import { clampShift, union, type Point, type Rect } from "../../geometry/plane.ts";
import { kindOf, type Shape } from "../../shapes/index.ts";
import type { ToolView } from "../tool.ts";

/** One annotation gets another shape. */
export function reshapeDraft(annotation: string, shape: Shape): Draft {
  return { what: "reshape", edits: [{ annotation, part: "shape", value: shape }] };
}

/** Of these, the annotations that are there and may be moved. */
export function movable(view: ToolView, ids: Iterable<string>): Annotation[] {
  if (view.readOnly) return [];
  const found: Annotation[] = [];
  for (const id of ids) {
    const annotation = view.document.get(id);
    if (annotation && !annotation.locked && view.isVisible(annotation)) found.push(annotation);
  }
  return found;
}

/** The shapes shifted together by `by`, as far as all of them stay inside the image. */
export function shifted(
  view: ToolView,
  annotations: readonly Annotation[],
  by: Point,
): { annotation: Annotation; shape: Shape }[] {
  let bounds: Rect | undefined;
  for (const { shape } of annotations) {
    const own = kindOf(shape).bounds(shape);
    bounds = bounds ? union(bounds, own) : own;
  }
  if (!bounds) return [];
  const { x, y } = clampShift(bounds, by, view.document.item);
  if (x === 0 && y === 0) return [];
  return annotations.map((annotation) => ({
    annotation,
    shape: kindOf(annotation.shape).translate(annotation.shape, x, y),
  }));
}

/** Moves the annotations; `undefined` when nothing moves. */
export function moveDraft(
  view: ToolView,
  annotations: readonly Annotation[],
  by: Point,
): Draft | undefined {
  const edits = shifted(view, annotations, by).map(
    ({ annotation, shape }): Edit => ({ annotation: annotation.id, part: "shape", value: shape }),
  );
  return edits.length > 0 ? { what: "move", edits } : undefined;
}
