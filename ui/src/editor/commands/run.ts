//! What each command of scope `editor` does.

import { TOOL_IDS } from "../tools/index.ts";
import {
  cancel,
  drawAgain,
  nudge,
  placeByKey,
  switchMode,
  takeTool,
  tell,
  toggleDrawing,
} from "./drawing.ts";
import {
  chooseLabel,
  copySelected,
  deleteSelected,
  duplicate,
  paste,
  selectAll,
  shiftOrder,
  toggleFlag,
  walk,
} from "./objects.ts";
import type { CommandTarget, Run, ViewControls } from "./target.ts";

const FAR = 10;
const ZOOM_STEP = Math.SQRT2;

const runs: ReadonlyMap<string, Run> = new Map<string, Run>([
  ...TOOL_IDS.map((id): [string, Run] => [`tool.${id}`, takeTool(id)]),
  ...Array.from({ length: 10 }, (_, digit): [string, Run] => [
    `label.${digit}`,
    chooseLabel(digit),
  ]),
  ["draw.toggle", toggleDrawing],
  ["draw.mode", switchMode],
  ["draw.again", drawAgain],
  ["draw.finish", tell({ type: "finish" })],
  ["draw.place", placeByKey],
  ["draw.removePoint", tell({ type: "removePoint" })],
  ["edit.cancel", cancel],
  ["edit.delete", deleteSelected],
  ["edit.copy", copySelected],
  ["edit.paste", paste],
  ["edit.duplicate", duplicate],
  ["edit.selectAll", selectAll],
  ["object.next", walk(1)],
  ["object.previous", walk(-1)],
  ["object.occluded", toggleFlag("occluded")],
  ["object.truncated", toggleFlag("truncated")],
  ["object.flag", toggleFlag("flagged")],
  ["object.lock", toggleFlag("locked")],
  ["object.hide", toggleFlag("hidden")],
  ["order.raise", shiftOrder(1)],
  ["order.lower", shiftOrder(-1)],
  ["handle.next", tell({ type: "handle", step: 1 })],
  ["handle.previous", tell({ type: "handle", step: -1 })],
  ["vertex.insert", tell({ type: "insertVertex" })],
  ["vertex.delete", tell({ type: "deleteVertex" })],
  ["nudge.left", nudge(-1, 0)],
  ["nudge.right", nudge(1, 0)],
  ["nudge.up", nudge(0, -1)],
  ["nudge.down", nudge(0, 1)],
  ["nudge.left.far", nudge(-FAR, 0)],
  ["nudge.right.far", nudge(FAR, 0)],
  ["nudge.up.far", nudge(0, -FAR)],
  ["nudge.down.far", nudge(0, FAR)],
  ["view.fit", onView((view) => view.fit())],
  ["view.actual", onView((view) => view.zoomTo(1))],
  ["view.zoomIn", onView((view) => view.zoomBy(ZOOM_STEP))],
  ["view.zoomOut", onView((view) => view.zoomBy(1 / ZOOM_STEP))],
  ["view.crosshair", onView((view) => view.toggleCrosshair())],
]);

/** Carries a command out; `false` when it is not the editor's, or there was nothing to do. */
export function runCommand(id: string, target: CommandTarget): boolean {
  return runs.get(id)?.(target) ?? false;
}

/** Whether the editor carries this command out. */
export function isEditorCommand(id: string): boolean {
  return runs.has(id);
}

/** Commands that need selected annotations. */
const ON_SELECTION: ReadonlySet<string> = new Set([
  "edit.delete",
  "edit.copy",
  "edit.duplicate",
  "object.occluded",
  "object.truncated",
  "object.flag",
  "object.lock",
  "object.hide",
  "order.raise",
  "order.lower",
]);

/** Commands that change something. */
const CHANGES = /^(edit\.(delete|paste|duplicate)|object\.(?!next|previous)|order\.|vertex\.)/;

/** Whether the command would do something now: for menus that grey out what would not. */
export function canRun(id: string, { workbench, clipboard }: CommandTarget): boolean {
  if (!runs.has(id)) return false;
  if (workbench.readOnly && CHANGES.test(id)) return false;
  if (ON_SELECTION.has(id)) return workbench.selection.size > 0;
  switch (id) {
    case "edit.paste":
      return !clipboard.isEmpty;
    case "edit.selectAll":
    case "object.next":
    case "object.previous":
      return workbench.document.size > 0;
    case "draw.finish":
    case "draw.removePoint":
      return workbench.draws && workbench.isBusy;
    case "draw.place":
      return workbench.draws;
    case "handle.next":
    case "handle.previous":
      return workbench.tool === "select" && workbench.selection.size === 1;
    case "vertex.insert":
    case "vertex.delete":
      return workbench.activeHandle !== null;
    default:
      return true;
  }
}

function onView(act: (view: ViewControls) => void): Run {
  return ({ view }) => {
    act(view);
    return true;
  };
}
