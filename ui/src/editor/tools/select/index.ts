//! The select tool: click, Shift+click, marquee, move, reshape, vertices, keys.
//!
//! A press on a handle reshapes, on an annotation selects and moves, on empty ground pans;
//! Shift+drag on empty ground draws a marquee. Click on an edge of the selected shape puts a
//! vertex in, Alt+click on a vertex takes it out. Double click on empty ground fits the image,
//! on an annotation fits that.

import type { Step, Tool, ToolEvent, ToolView } from "../tool.ts";
import { drag, release } from "./drag.ts";
import { byKey } from "./keys.ts";
import { doubleClick, hover, press } from "./press.ts";
import { IDLE, type SelectState } from "./state.ts";

export type { SelectState } from "./state.ts";

export const select: Tool<SelectState> = {
  id: "select",
  titleKey: "command-tool-select",
  draws: false,
  initial: IDLE,
  cursor: "default",
  isBusy: (state) => state.phase !== "idle",
  step,
};

function step(state: SelectState, event: ToolEvent, view: ToolView): Step<SelectState> {
  switch (event.type) {
    case "down":
      if (event.button !== 0) return { state: IDLE };
      // A second button while one is held changes nothing.
      return state.phase === "idle" ? press(event, view) : { state };
    case "move":
      return state.phase === "idle" ? hover(state, event, view) : drag(state, event, view);
    case "up":
      return event.button === 0 ? release(state, event, view) : { state };
    case "double":
      return doubleClick(state, event, view);
    case "leave":
      return state.phase === "idle" ? { state, hover: null } : { state };
    case "cancel":
      return cancel(state, view);
    default:
      return state.phase === "idle" ? byKey(state, event, view) : { state, unused: true };
  }
}

function cancel(state: SelectState, view: ToolView): Step<SelectState> {
  if (state.phase !== "idle") return { state: IDLE, cursor: "default" };
  if (state.active) return { state: IDLE, activeHandle: null };
  if (view.selection.size > 0) return { state: IDLE, selection: [] };
  return { state, unused: true };
}
