//! Every command that a key, a menu or the palette can name. Those of scope `editor` are carried
//! out here (`run.ts`); those of scope `screen` belong to whoever owns the editor.

import { TOOL_IDS } from "../tools/index.ts";

/** The heading under which the list of keys shows a command. */
export type CommandGroup =
  | "navigation"
  | "tools"
  | "drawing"
  | "editing"
  | "objects"
  | "labels"
  | "view"
  | "application";

/** One command. */
export interface CommandInfo {
  readonly id: string;
  /** Message id of its name, e.g. `command-edit-delete`. */
  readonly titleKey: string;
  readonly group: CommandGroup;
  readonly scope: "editor" | "screen";
}

const EDITOR: Readonly<Partial<Record<CommandGroup, readonly string[]>>> = {
  tools: TOOL_IDS.map((id) => `tool.${id}`),
  drawing: [
    "draw.toggle",
    "draw.mode",
    "draw.again",
    "draw.finish",
    "draw.place",
    "draw.removePoint",
  ],
  editing: [
    "edit.cancel",
    "edit.delete",
    "edit.copy",
    "edit.paste",
    "edit.duplicate",
    "edit.selectAll",
    "vertex.insert",
    "vertex.delete",
    "nudge.left",
    "nudge.right",
    "nudge.up",
    "nudge.down",
    "nudge.left.far",
    "nudge.right.far",
    "nudge.up.far",
    "nudge.down.far",
  ],
  objects: [
    "object.next",
    "object.previous",
    "handle.next",
    "handle.previous",
    "object.occluded",
    "object.truncated",
    "object.flag",
    "object.lock",
    "object.hide",
    "order.raise",
    "order.lower",
  ],
  labels: Array.from({ length: 10 }, (_, digit) => `label.${digit}`),
  view: ["view.fit", "view.actual", "view.zoomIn", "view.zoomOut", "view.crosshair"],
};

const SCREEN: Readonly<Partial<Record<CommandGroup, readonly string[]>>> = {
  navigation: ["item.previous", "item.next", "item.back10", "item.forward10"],
  editing: ["edit.undo", "edit.redo", "edit.save"],
  labels: ["label.pick"],
  objects: ["note.edit"],
  application: ["help.keys", "app.settings", "app.fullscreen", "app.palette"],
};

/** All commands, by group. */
export const COMMANDS: readonly CommandInfo[] = [
  ...describe(SCREEN, "screen"),
  ...describe(EDITOR, "editor"),
];

const byId = new Map(COMMANDS.map((command) => [command.id, command]));

/** The command of that id. */
export function commandById(id: string): CommandInfo | undefined {
  return byId.get(id);
}

function describe(
  groups: Readonly<Partial<Record<CommandGroup, readonly string[]>>>,
  scope: CommandInfo["scope"],
): CommandInfo[] {
  return Object.entries(groups).flatMap(([group, ids]) =>
    ids.map((id) => ({
      id,
      titleKey: `command-${id.replaceAll(".", "-")}`,
      group: group as CommandGroup,
      scope,
    })),
  );
}
