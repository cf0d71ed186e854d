//! The select tool at rest: what the pointer hovers over, and what a press on it begins.

import { distance, type Point } from "../../geometry/plane.ts";
import { kindOf, type EdgeSpot } from "../../shapes/index.ts";
import type { Annotation } from "../../document/annotation.ts";
import { pick, pickHandle, reach, soleEditable } from "../pick.ts";
import type { PointerPlace, Step, ToolView } from "../tool.ts";
import { reshapeDraft } from "./drafts.ts";
import { IDLE, idleAt, type Idle, type Pressed, type SelectState } from "./state.ts";

/** Shows what a press here would do. */
export function hover(state: Idle, event: PointerPlace, view: ToolView): Step<SelectState> {
  const editable = soleEditable(view);
  const handle = editable && pickHandle(view, editable, event.at);
  if (editable && handle) {
    const deletes = event.alt && handle.role === "vertex";
    return { state, hover: editable.id, cursor: deletes ? "not-allowed" : handle.cursor };
  }
  const spot = editable && edgeSpot(view, editable, event.at);
  const under = pick(view, event.at);
  if (editable && spot && (!under || under.id === editable.id)) {
    return { state, hover: editable.id, cursor: "copy", preview: { spot: spot.at } };
  }
  if (!under) return { state, hover: null, cursor: "default" };
  const moves = view.selection.has(under.id) && !under.locked && !view.readOnly;
  return { state, hover: under.id, cursor: moves ? "move" : "pointer" };
}

/** Begins a gesture. */
export function press(event: PointerPlace, view: ToolView): Step<SelectState> {
  const editable = soleEditable(view);
  const handle = editable && pickHandle(view, editable, event.at);
  if (editable && event.alt) {
    if (handle) return deleteAt(editable, handle.id);
    const inserted = insertAt(view, editable, event.at);
    if (inserted) return inserted;
  }
  if (editable && handle) {
    return {
      state: {
        phase: "reshaping",
        annotation: editable.id,
        handle: handle.id,
        offset: { x: handle.at.x - event.at.x, y: handle.at.y - event.at.y },
        screen: event.screen,
        shape: null,
      },
      cursor: handle.cursor,
      activeHandle: handle.id,
    };
  }
  return pressOn(pick(view, event.at), event, view);
}

function pressOn(
  under: Annotation | undefined,
  event: PointerPlace,
  view: ToolView,
): Step<SelectState> {
  const selected = under !== undefined && view.selection.has(under.id);
  const state: Pressed = {
    phase: "pressed",
    on: under?.id ?? null,
    at: event.at,
    screen: event.screen,
    shift: event.shift,
    was: !selected ? "unselected" : view.selection.size === 1 ? "alone" : "among",
  };
  // Selecting at once lets the same press go on to move what it touched.
  if (under && !selected && !event.shift) {
    return { state, selection: [under.id], hover: under.id, activeHandle: null };
  }
  return { state, activeHandle: null };
}

/** Fits the image, or the annotation under the pointer; not on a handle or an edge. */
export function doubleClick(
  state: SelectState,
  event: PointerPlace,
  view: ToolView,
): Step<SelectState> {
  if (state.phase !== "idle") return { state };
  const editable = soleEditable(view);
  if (editable && pickHandle(view, editable, event.at)) return { state };
  const under = pick(view, event.at);
  if (!under) return { state, view: { type: "fit" } };
  const area = view.document.boundsOf(under.id);
  return area ? { state, view: { type: "fitTo", area } } : { state };
}

/** The spot on an edge of the annotation within reach of the pointer. */
export function edgeSpot(view: ToolView, of: Annotation, at: Point): EdgeSpot | undefined {
  const spot = kindOf(of.shape).nearestEdge(of.shape, at);
  return spot && spot.distance <= reach(view) ? spot : undefined;
}

/** Puts a vertex into the edge under the pointer. */
export function insertAt(
  view: ToolView,
  annotation: Annotation,
  at: Point,
): Step<SelectState> | undefined {
  const spot = edgeSpot(view, annotation, at);
  if (!spot) return undefined;
  const kind = kindOf(annotation.shape);
  const inserted = kind.insertVertex(annotation.shape, spot.edge, spot.at);
  // On top of a vertex there is no room for another.
  const crowded = kind
    .vertices(annotation.shape)
    .some(([x, y]) => distance({ x, y }, spot.at) === 0);
  if (!inserted || crowded) return undefined;
  return {
    state: idleAt(annotation.id, inserted.handle),
    activeHandle: inserted.handle,
    change: reshapeDraft(annotation.id, inserted.shape),
  };
}

/** Takes a vertex out, as long as enough are left. */
export function deleteAt(annotation: Annotation, handle: string): Step<SelectState> {
  const kind = kindOf(annotation.shape);
  const role = kind.handles(annotation.shape).find((h) => h.id === handle)?.role;
  if (role !== "vertex") return { state: IDLE, activeHandle: null };
  const shape = kind.deleteVertex(annotation.shape, handle);
  if (!shape) return { state: IDLE, complaint: "too-few-vertices" };
  if (!kind.isValid(shape)) return { state: IDLE, complaint: "no-extent" };
  return { state: IDLE, activeHandle: null, change: reshapeDraft(annotation.id, shape) };
}
