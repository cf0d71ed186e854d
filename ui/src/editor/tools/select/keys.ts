//! The select tool by keyboard: nudge, walk through the handles, insert and delete vertices.

import { clampToImage } from "../../geometry/plane.ts";
import { kindOf, type Handle } from "../../shapes/index.ts";
import type { Annotation } from "../../document/annotation.ts";
import { soleEditable } from "../pick.ts";
import type { Step, ToolEvent, ToolView } from "../tool.ts";
import { moveDraft, movable, reshapeDraft } from "./drafts.ts";
import { deleteAt, insertAt } from "./press.ts";
import { idleAt, type Idle, type SelectState } from "./state.ts";

type KeyEvent = Exclude<
  ToolEvent,
  { type: "down" | "move" | "up" | "double" | "leave" | "cancel" }
>;

/** One key press, while nothing is under way. */
export function byKey(state: Idle, event: KeyEvent, view: ToolView): Step<SelectState> {
  switch (event.type) {
    case "nudge":
      return nudge(state, event, view);
    case "handle":
      return walk(state, event.step, view);
    case "insertVertex":
      return insertAfterActive(state, view);
    case "deleteVertex": {
      const active = activeHandle(state, view);
      return active ? deleteAt(active.annotation, active.handle.id) : { state, unused: true };
    }
    case "finish":
    case "removePoint":
      return { state, unused: true };
  }
}

/** The active handle, as long as its annotation alone is selected and may be changed. */
function activeHandle(
  state: Idle,
  view: ToolView,
): { annotation: Annotation; handle: Handle } | undefined {
  const annotation = soleEditable(view);
  if (!annotation || annotation.id !== state.active?.annotation) return undefined;
  const handles = kindOf(annotation.shape).handles(annotation.shape);
  const handle = handles.find((h) => h.id === state.active?.handle);
  return handle && { annotation, handle };
}

function nudge(
  state: Idle,
  by: { readonly dx: number; readonly dy: number },
  view: ToolView,
): Step<SelectState> {
  const active = activeHandle(state, view);
  if (active) {
    const { annotation, handle } = active;
    const to = clampToImage(
      { x: handle.at.x + by.dx, y: handle.at.y + by.dy },
      view.document.item,
    );
    const shape = kindOf(annotation.shape).moveHandle(annotation.shape, handle.id, to);
    if (!kindOf(shape).isValid(shape)) return { state, complaint: "no-extent" };
    return { state, activeHandle: handle.id, change: reshapeDraft(annotation.id, shape) };
  }
  if (view.selection.size === 0) return { state, unused: true };
  const annotations = movable(view, view.selection);
  if (annotations.length === 0) {
    return { state, complaint: view.readOnly ? "read-only" : "locked" };
  }
  const change = moveDraft(view, annotations, { x: by.dx, y: by.dy });
  return change ? { state, change } : { state };
}

function walk(state: Idle, by: 1 | -1, view: ToolView): Step<SelectState> {
  const annotation = soleEditable(view);
  if (!annotation) return { state, unused: true };
  const handles = kindOf(annotation.shape).handles(annotation.shape);
  const at = handles.findIndex((h) => h.id === activeHandle(state, view)?.handle.id);
  const start = by > 0 ? -1 : handles.length;
  const next = handles[((at < 0 ? start : at) + by + handles.length) % handles.length];
  if (!next) return { state, unused: true };
  return { state: idleAt(annotation.id, next.id), activeHandle: next.id };
}

/** A new vertex half-way along the edge that starts at the active vertex. */
function insertAfterActive(state: Idle, view: ToolView): Step<SelectState> {
  const active = activeHandle(state, view);
  if (active?.handle.role !== "vertex") return { state, unused: true };
  const kind = kindOf(active.annotation.shape);
  const handles = kind.handles(active.annotation.shape);
  const chain = active.handle.id.split(":")[0] ?? "";
  const ring = handles.filter((h) => h.id.startsWith(`${chain}:`));
  const at = ring.findIndex((h) => h.id === active.handle.id);
  const next = ring[(at + 1) % ring.length];
  if (!next) return { state, unused: true };
  const middle = {
    x: (active.handle.at.x + next.at.x) / 2,
    y: (active.handle.at.y + next.at.y) / 2,
  };
  return insertAt(view, active.annotation, middle) ?? { state, unused: true };
}
