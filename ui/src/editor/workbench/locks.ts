//! What a lock protects.

import type { Edit } from "../document/change.ts";
import type { DocumentReader } from "../document/document.ts";

/** Parts that may be changed although the annotation is locked: they leave its content alone. */
const FREE: ReadonlySet<Edit["part"]> = new Set(["locked", "hidden", "flagged", "note"]);

/** The edits without those that a lock forbids. */
export function allowedEdits(document: DocumentReader, edits: readonly Edit[]): Edit[] {
  return edits.filter(
    (edit) => FREE.has(edit.part) || document.get(edit.annotation)?.locked !== true,
  );
}
