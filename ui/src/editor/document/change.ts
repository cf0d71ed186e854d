//! Changes: what a gesture does to the document. A change is a list of edits, each of one part of
//! one annotation; it is done as a whole or not at all, and is one undo step.

import type { Shape } from "../shapes/index.ts";
import { FLAG_PARTS, newAnnotation, type Annotation, type FlagPart } from "./annotation.ts";

/** The new value of one part of one annotation. */
export type Edit =
  /** Creates the annotation with this value, or deletes it. */
  | { readonly annotation: string; readonly part: "presence"; readonly value: Annotation | null }
  | { readonly annotation: string; readonly part: "shape"; readonly value: Shape }
  | { readonly annotation: string; readonly part: "label" | "note"; readonly value: string }
  | { readonly annotation: string; readonly part: FlagPart; readonly value: boolean }
  | { readonly annotation: string; readonly part: "zOrder"; readonly value: number };

/** What the change is, in a word for the history list. */
export type ChangeKind =
  | "create"
  | "delete"
  | "move"
  | "reshape"
  | "relabel"
  | "annotate"
  | "order"
  | "paste";

/** A change before the document has taken it. */
export interface Draft {
  readonly what: ChangeKind;
  readonly edits: readonly Edit[];
}

/** A change that the document shows and the core has yet to confirm. */
export interface Change extends Draft {
  /** Names the change between document and owner; unique within one document. */
  readonly token: number;
}

/** The state of an annotation after an edit; edits of what is not there change nothing. */
export function applyEdit(before: Annotation | undefined, edit: Edit): Annotation | undefined {
  if (edit.part === "presence") return edit.value ?? undefined;
  if (!before) return undefined;
  switch (edit.part) {
    case "shape":
      return { ...before, shape: edit.value };
    case "label":
      return { ...before, labelId: edit.value };
    default:
      return { ...before, [edit.part]: edit.value };
  }
}

/** Whether the edit would leave the annotation as it is. */
export function isIdle(before: Annotation | undefined, edit: Edit): boolean {
  if (edit.part === "presence") return before === undefined && edit.value === null;
  if (!before) return true;
  return (edit.part === "label" ? before.labelId : before[edit.part]) === edit.value;
}

/**
 * The edits that make a copy of an annotation under a new id: it is created plain, as the core
 * creates it, and then gets the parts in which it differs.
 */
export function copyEdits(of: Annotation, id: string, shape: Shape, zOrder: number): Edit[] {
  const edits: Edit[] = [
    { annotation: id, part: "presence", value: newAnnotation(id, of.labelId, shape, zOrder) },
  ];
  if (of.note !== "") edits.push({ annotation: id, part: "note", value: of.note });
  for (const part of FLAG_PARTS) {
    // A copy that is locked or hidden could not be seen or placed.
    if (part === "locked" || part === "hidden" || !of[part]) continue;
    edits.push({ annotation: id, part, value: true });
  }
  return edits;
}
