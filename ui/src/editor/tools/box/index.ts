//! The box tool: drag from corner to corner, or click one corner and then the other.

import { clampToImage, distance, type Point } from "../../geometry/plane.ts";
import { boxBetween, isValid } from "../../shapes/box/geometry.ts";
import { createDraft } from "../create.ts";
import { DRAG_START } from "../metrics.ts";
import type { PointerPlace, Step, Tool, ToolEvent, ToolView } from "../tool.ts";

/** At rest; the first corner being pressed; or the first corner clicked and the second awaited. */
export type BoxState =
  | { readonly phase: "idle" }
  | { readonly phase: "pressed"; readonly from: Point; readonly screen: Point }
  | { readonly phase: "awaiting"; readonly from: Point; readonly to: Point };

const IDLE: BoxState = { phase: "idle" };

export const box: Tool<BoxState> = {
  id: "box",
  titleKey: "command-tool-box",
  draws: true,
  initial: IDLE,
  cursor: "crosshair",
  isBusy: (state) => state.phase !== "idle",
  step,
};

function step(state: BoxState, event: ToolEvent, view: ToolView): Step<BoxState> {
  switch (event.type) {
    case "down":
      return event.button === 0 ? press(state, event, view) : { state: IDLE };
    case "move":
      return move(state, event, view);
    case "up":
      return event.button === 0 ? release(state, event, view) : { state };
    case "finish":
      return state.phase === "awaiting"
        ? commit(state, state.to, view)
        : { state, unused: true };
    case "cancel":
    case "removePoint":
      return state.phase === "idle" ? { state, unused: true } : { state: IDLE };
    case "leave":
    case "double":
      return shown(state, view);
    default:
      return { ...shown(state, view), unused: true };
  }
}

function press(state: BoxState, event: PointerPlace, view: ToolView): Step<BoxState> {
  if (view.readOnly) return { state: IDLE, complaint: "read-only" };
  if (view.label === null) return { state: IDLE, complaint: "no-label" };
  if (state.phase === "awaiting") return move(state, event, view);
  const from = clampToImage(event.at, view.document.item);
  return { state: { phase: "pressed", from, screen: event.screen } };
}

function move(state: BoxState, event: PointerPlace, view: ToolView): Step<BoxState> {
  const to = clampToImage(event.at, view.document.item);
  if (state.phase === "awaiting") return shown({ ...state, to }, view);
  return shown(state, view, to);
}

function release(state: BoxState, event: PointerPlace, view: ToolView): Step<BoxState> {
  const to = clampToImage(event.at, view.document.item);
  if (state.phase === "idle") return { state };
  if (state.phase === "pressed" && distance(state.screen, event.screen) < DRAG_START) {
    return shown({ phase: "awaiting", from: state.from, to }, view);
  }
  return commit(state, to, view);
}

function commit(
  state: Exclude<BoxState, { phase: "idle" }>,
  to: Point,
  view: ToolView,
): Step<BoxState> {
  const shape = boxBetween(state.from, to);
  if (isValid(shape)) return { state: IDLE, ...createDraft(view, shape) };
  // A line or a dot is no box: the second corner is still awaited.
  return {
    ...shown({ phase: "awaiting", from: state.from, to }, view),
    complaint: "no-extent",
  };
}

function shown(state: BoxState, view: ToolView, pointer?: Point): Step<BoxState> {
  if (state.phase === "idle") return { state };
  const to = state.phase === "awaiting" ? state.to : pointer;
  if (!to) return { state };
  const shape = boxBetween(state.from, to);
  return { state, preview: { shapes: [{ id: null, labelId: view.label, shape }] } };
}
