//! The select tool with the button down: drags, and what a release makes of them.

import { clampToImage, distance, rectBetween, type Point } from "../../geometry/plane.ts";
import { kindOf } from "../../shapes/index.ts";
import { DRAG_START } from "../metrics.ts";
import { pickWithin, soleEditable } from "../pick.ts";
import type { PointerPlace, PreviewShape, Step, ToolView } from "../tool.ts";
import { moveDraft, movable, reshapeDraft, shifted } from "./drafts.ts";
import { insertAt } from "./press.ts";
import {
  IDLE,
  idleAt,
  type Idle,
  type Marquee,
  type Moving,
  type Pressed,
  type Reshaping,
  type SelectState,
} from "./state.ts";

type Busy = Exclude<SelectState, Idle>;

/** The pointer moves during a gesture. */
export function drag(state: Busy, event: PointerPlace, view: ToolView): Step<SelectState> {
  switch (state.phase) {
    case "pressed":
      if (distance(state.screen, event.screen) < DRAG_START) return { state };
      return drag(begin(state, view), event, view);
    case "moving":
      return showMoving({ ...state, to: event.at }, view);
    case "reshaping":
      return reshape(state, event, view);
    case "panning": {
      const dx = event.screen.x - state.last.x;
      const dy = event.screen.y - state.last.y;
      return {
        state: { phase: "panning", last: event.screen },
        cursor: "grabbing",
        view: { type: "pan", dx, dy },
      };
    }
    case "marquee": {
      const next: Marquee = { ...state, to: event.at };
      return { state: next, preview: { marquee: rectBetween(next.from, next.to) } };
    }
  }
}

/** The drag that a press turns into. */
function begin(state: Pressed, view: ToolView): Busy {
  if (state.on === null) {
    return state.shift
      ? { phase: "marquee", from: state.at, to: state.at }
      : { phase: "panning", last: state.screen };
  }
  const grabbed = view.selection.has(state.on) ? view.selection : [state.on];
  const ids = movable(view, grabbed).map((a) => a.id);
  // What may not be moved is ground to pull the view by.
  if (!ids.includes(state.on)) return { phase: "panning", last: state.screen };
  return { phase: "moving", ids, from: state.at, to: state.at };
}

function shiftOf(state: Moving): Point {
  return { x: state.to.x - state.from.x, y: state.to.y - state.from.y };
}

function showMoving(state: Moving, view: ToolView): Step<SelectState> {
  const shapes = shifted(view, movable(view, state.ids), shiftOf(state)).map(
    ({ annotation, shape }): PreviewShape => ({
      id: annotation.id,
      labelId: annotation.labelId,
      shape,
    }),
  );
  return { state, cursor: "move", preview: { shapes } };
}

function reshape(state: Reshaping, event: PointerPlace, view: ToolView): Step<SelectState> {
  const annotation = view.document.get(state.annotation);
  if (!annotation) return { state: IDLE };
  const dragging = state.shape !== null || distance(state.screen, event.screen) >= DRAG_START;
  if (!dragging) return { state };
  const to = clampToImage(
    { x: event.at.x + state.offset.x, y: event.at.y + state.offset.y },
    view.document.item,
  );
  // Always from the shape before the gesture: a box may turn over and back.
  const shape = kindOf(annotation.shape).moveHandle(annotation.shape, state.handle, to);
  return {
    state: { ...state, shape },
    preview: { shapes: [{ id: annotation.id, labelId: annotation.labelId, shape }] },
  };
}

/** The button goes up: the gesture is finished. */
export function release(
  state: SelectState,
  event: PointerPlace,
  view: ToolView,
): Step<SelectState> {
  switch (state.phase) {
    case "idle":
      return { state };
    case "pressed":
      return click(state, event, view);
    case "moving": {
      const last: Moving = { ...state, to: event.at };
      const change = moveDraft(view, movable(view, last.ids), shiftOf(last));
      return change ? { state: IDLE, change } : { state: IDLE };
    }
    case "reshaping":
      return finishReshaping(state);
    case "panning":
      return { state: IDLE, cursor: "default" };
    case "marquee": {
      const taken = pickWithin(view, rectBetween(state.from, event.at)).map((a) => a.id);
      return { state: IDLE, selection: [...new Set([...view.selection, ...taken])] };
    }
  }
}

function finishReshaping(state: Reshaping): Step<SelectState> {
  const idle = idleAt(state.annotation, state.handle);
  if (!state.shape) return { state: idle, activeHandle: state.handle };
  if (!kindOf(state.shape).isValid(state.shape)) return { state: idle, complaint: "no-extent" };
  // A box that was turned over has its corners elsewhere: no handle stays active.
  return {
    state: IDLE,
    activeHandle: null,
    change: reshapeDraft(state.annotation, state.shape),
  };
}

function click(state: Pressed, event: PointerPlace, view: ToolView): Step<SelectState> {
  if (state.on === null) {
    return state.shift ? { state: IDLE } : { state: IDLE, selection: [] };
  }
  if (state.shift) {
    const ids = [...view.selection];
    const rest = ids.filter((id) => id !== state.on);
    return { state: IDLE, selection: rest.length < ids.length ? rest : [...ids, state.on] };
  }
  if (state.was === "among") return { state: IDLE, selection: [state.on] };
  const editable = soleEditable(view);
  if (state.was === "alone" && editable?.id === state.on) {
    return insertAt(view, editable, event.at) ?? { state: IDLE };
  }
  return { state: IDLE };
}
