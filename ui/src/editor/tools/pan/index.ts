//! The pan tool: every drag moves the view.

import type { Point } from "../../geometry/plane.ts";
import type { Step, Tool, ToolEvent } from "../tool.ts";

/** Where the pointer was last, on the screen; `null` at rest. */
export interface PanState {
  readonly last: Point | null;
}

const IDLE: PanState = { last: null };

export const pan: Tool<PanState> = {
  id: "pan",
  titleKey: "command-tool-pan",
  draws: false,
  initial: IDLE,
  cursor: "grab",
  isBusy: (state) => state.last !== null,
  step,
};

function step(state: PanState, event: ToolEvent): Step<PanState> {
  switch (event.type) {
    case "down":
      return event.button === 0
        ? { state: { last: event.screen }, cursor: "grabbing" }
        : { state };
    case "move": {
      if (!state.last) return { state };
      const dx = event.screen.x - state.last.x;
      const dy = event.screen.y - state.last.y;
      return { state: { last: event.screen }, cursor: "grabbing", view: { type: "pan", dx, dy } };
    }
    case "up":
      return { state: IDLE, cursor: "grab" };
    case "double":
      return { state: IDLE, view: { type: "fit" } };
    case "cancel":
      return state.last ? { state: IDLE, cursor: "grab" } : { state: IDLE, unused: true };
    case "leave":
      return { state };
    default:
      return { state, unused: true };
  }
}
