//! The point tool: a click places a point; a press that wanders off places none.

import { clampToImage, distance, type Point } from "../../geometry/plane.ts";
import { createDraft } from "../create.ts";
import { DRAG_START } from "../metrics.ts";
import type { Step, Tool, ToolEvent, ToolView } from "../tool.ts";

/** Where the button went down, on the screen; `null` at rest. */
export interface PointState {
  readonly pressed: Point | null;
}

const IDLE: PointState = { pressed: null };

export const point: Tool<PointState> = {
  id: "point",
  titleKey: "command-tool-point",
  draws: true,
  initial: IDLE,
  cursor: "crosshair",
  isBusy: (state) => state.pressed !== null,
  step,
};

function step(state: PointState, event: ToolEvent, view: ToolView): Step<PointState> {
  switch (event.type) {
    case "down":
      return event.button === 0 ? { state: { pressed: event.screen } } : { state: IDLE };
    case "up": {
      if (event.button !== 0 || !state.pressed) return { state };
      if (distance(state.pressed, event.screen) >= DRAG_START) return { state: IDLE };
      if (view.readOnly) return { state: IDLE, complaint: "read-only" };
      const { x, y } = clampToImage(event.at, view.document.item);
      return { state: IDLE, ...createDraft(view, { kind: "point", x, y }) };
    }
    case "cancel":
      return state.pressed ? { state: IDLE } : { state: IDLE, unused: true };
    case "move":
    case "leave":
    case "double":
      return { state };
    default:
      return { state, unused: true };
  }
}
