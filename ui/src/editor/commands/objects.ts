//! Commands on the selected annotations: flags, order, labels, delete, copy, and walking through.

import type { FlagPart } from "../document/annotation.ts";
import type { Edit } from "../document/change.ts";
import type { LabelStyle } from "../view/theme.ts";
import { copiesOf, PASTE_OFFSET } from "./clipboard.ts";
import type { CommandTarget, Run } from "./target.ts";

/** Switches a flag on for all selected, or off when all have it. */
export function toggleFlag(part: FlagPart): Run {
  return ({ workbench }) => {
    const selected = workbench.selected();
    const value = !selected.every((annotation) => annotation[part]);
    return workbench.commit(
      "annotate",
      selected.map(({ id }): Edit => ({ annotation: id, part, value })),
    );
  };
}

/** Shifts the drawing order of all selected. */
export function shiftOrder(by: 1 | -1): Run {
  return ({ workbench }) =>
    workbench.commit(
      "order",
      workbench
        .selected()
        .map((a): Edit => ({ annotation: a.id, part: "zOrder", value: a.zOrder + by })),
    );
}

/** Deletes all selected that are not locked. */
export const deleteSelected: Run = ({ workbench }) => {
  if (workbench.isBusy) return false;
  const gone = workbench.selected();
  return workbench.commit(
    "delete",
    gone.map(({ id }): Edit => ({ annotation: id, part: "presence", value: null })),
  );
};

export const copySelected: Run = ({ workbench, clipboard }) => {
  const selected = workbench.selected();
  if (selected.length === 0) return false;
  clipboard.copy(selected, workbench.document.item.id);
  return true;
};

export const paste: Run = ({ workbench, clipboard, view, newId }) => {
  if (clipboard.isEmpty || workbench.isBusy) return false;
  const { edits, ids } = clipboard.paste(workbench.document, view.scale(), newId);
  return place(workbench, edits, ids);
};

export const duplicate: Run = ({ workbench, view, newId }) => {
  const offset = PASTE_OFFSET / view.scale();
  const { edits, ids } = copiesOf(workbench.selected(), workbench.document, offset, newId);
  return ids.length > 0 && place(workbench, edits, ids);
};

function place(
  workbench: CommandTarget["workbench"],
  edits: readonly Edit[],
  ids: readonly string[],
): boolean {
  if (!workbench.commit("paste", edits)) return false;
  if (workbench.tool !== "select") workbench.setTool("select");
  workbench.select(ids);
  return true;
}

export const selectAll: Run = ({ workbench }) => {
  if (workbench.isBusy) return false;
  const shown = workbench.document.all().filter((a) => workbench.visibility.shows(a));
  if (shown.length === 0) return false;
  if (workbench.tool !== "select") workbench.setTool("select");
  workbench.select(shown.map((a) => a.id));
  return true;
};

/** Selects the next (1) or previous (-1) annotation; at the end there is none, so Tab leaves. */
export function walk(by: 1 | -1): Run {
  return ({ workbench, view }) => {
    if (workbench.isBusy) return false;
    const shown = workbench.document.all().filter((a) => workbench.visibility.shows(a));
    const at = shown.findIndex((a) => workbench.selection.has(a.id));
    const next = at < 0 ? shown.at(by > 0 ? 0 : -1) : shown[at + by];
    if (!next) return false;
    workbench.select([next.id]);
    view.reveal([next.id]);
    return true;
  };
}

/** Chooses the label of a digit, and gives it to all selected. */
export function chooseLabel(digit: number): Run {
  return ({ workbench, labels }) => {
    const label = labelOfDigit(labels, digit);
    if (!label) return false;
    workbench.setLabel(label.id);
    if (!workbench.isBusy) relabelSelected(workbench, label.id);
    return true;
  };
}

/**
 * The label whose key is the digit, or else the one at that place of the list (1 to 9, then 0) as
 * long as it has no other key of its own.
 */
export function labelOfDigit(labels: readonly LabelStyle[], digit: number): LabelStyle | undefined {
  const own = labels.find((label) => label.key === String(digit));
  if (own) return own;
  const placed = labels[(digit + 9) % 10];
  return placed?.key === undefined ? placed : undefined;
}

function relabelSelected(workbench: CommandTarget["workbench"], labelId: string): void {
  if (workbench.selection.size === 0) return;
  workbench.commit(
    "relabel",
    [...workbench.selection].map((id): Edit => ({ annotation: id, part: "label", value: labelId })),
  );
}
