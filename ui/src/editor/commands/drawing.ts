//! Commands on the tool in hand: draw, finish, cancel, nudge, handles and vertices; also drawing
//! with the keyboard's own pointer.

import { clampToImage } from "../geometry/plane.ts";
import { TOOL_IDS, toolById, type ToolEvent, type ToolId } from "../tools/index.ts";
import type { CommandTarget, Run } from "./target.ts";

/** Takes a tool in hand. */
export function takeTool(id: ToolId): Run {
  return ({ workbench }) => {
    workbench.setTool(id);
    return true;
  };
}

/** Hands an event to the tool. */
export function tell(event: ToolEvent): Run {
  return ({ workbench }) => workbench.dispatch(event);
}

/** Draws with the last tool; finishes what is being drawn; puts an idle drawing tool away. */
export const toggleDrawing: Run = ({ workbench }) => {
  if (workbench.draws && workbench.isBusy) return workbench.dispatch({ type: "finish" });
  workbench.setTool(workbench.draws ? "select" : workbench.lastDrawTool);
  return true;
};

/** Goes between drawing with the last tool and selecting; a drawing under way is given up. */
export const switchMode: Run = ({ workbench }) => {
  workbench.setTool(workbench.draws ? "select" : workbench.lastDrawTool);
  return true;
};

/** Draws the one selected annotation anew; without one, draws with the last tool. */
export const drawAgain: Run = ({ workbench }) => {
  const [annotation, another] = workbench.selected();
  if (!annotation || another) {
    workbench.setTool(workbench.lastDrawTool);
    return true;
  }
  const tool = TOOL_IDS.find((id) => id === annotation.shape.kind && toolById(id).draws);
  if (!tool || annotation.locked || workbench.readOnly) return false;
  workbench.redraw(annotation.id, tool);
  return true;
};

/** Gives up what is under way; then the drawing tool; then the selection. */
export const cancel: Run = ({ workbench }) => {
  if (workbench.dispatch({ type: "cancel" })) return true;
  if (workbench.tool === "select") return false;
  workbench.setTool("select");
  return true;
};

/** Presses the keyboard's pointer where it is, as a click would. */
export const placeByKey: Run = (target) => {
  const { workbench, view } = target;
  if (!workbench.draws) return false;
  const place = keyPlace(target);
  workbench.dispatch({ type: "down", button: 0, ...place });
  workbench.dispatch({ type: "up", button: 0, ...place });
  view.setKeyPointer(place.at);
  return true;
};

/** Nudges the selection or its active handle; while drawing, the keyboard's pointer. */
export function nudge(dx: number, dy: number): Run {
  return (target) => {
    const { workbench, view } = target;
    if (!workbench.draws) return workbench.dispatch({ type: "nudge", dx, dy });
    // Far out, an image pixel is too short a way to be seen.
    const stride = Math.max(1, 1 / view.scale());
    const from = view.keyPointer();
    const at = clampToImage(
      { x: from.x + dx * stride, y: from.y + dy * stride },
      workbench.document.item,
    );
    view.setKeyPointer(at);
    workbench.dispatch({ type: "move", ...keyPlace(target) });
    return true;
  };
}

function keyPlace({ workbench, view }: CommandTarget) {
  const at = clampToImage(view.keyPointer(), workbench.document.item);
  return { at, screen: view.toScreen(at), shift: false, ctrl: false, alt: false };
}
