//! Filtering and ordering of the object list.

import type { Annotation } from "../../editor/index.ts";

export type ObjectSort = "order" | "label" | "kind" | "flagged";
export const OBJECT_SORTS: readonly ObjectSort[] = ["order", "label", "kind", "flagged"];

/** Those whose label or note contains the text, in the order asked for; topmost first. */
export function arrange(
  annotations: readonly Annotation[],
  names: ReadonlyMap<string, string>,
  words: string,
  sort: ObjectSort,
): Annotation[] {
  const wanted = words.trim().toLocaleLowerCase();
  const name = (one: Annotation) => names.get(one.labelId) ?? "";
  const shown = annotations
    .filter(
      (one) => wanted === "" || `${name(one)} ${one.note}`.toLocaleLowerCase().includes(wanted),
    )
    .reverse();
  switch (sort) {
    case "label":
      return shown.sort((a, b) => name(a).localeCompare(name(b)));
    case "kind":
      return shown.sort((a, b) => a.shape.kind.localeCompare(b.shape.kind));
    case "flagged":
      return shown.sort((a, b) => Number(b.flagged) - Number(a.flagged));
    default:
      return shown;
  }
}
