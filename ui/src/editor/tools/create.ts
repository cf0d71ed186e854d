//! The change that a finished drawing gives.

import { newAnnotation } from "../document/annotation.ts";
import type { Draft } from "../document/change.ts";
import type { Shape } from "../shapes/index.ts";
import type { ToolView } from "./tool.ts";

/** Creates one annotation on top of all others and selects it. */
export function createDraft(
  view: ToolView,
  shape: Shape,
): { change: Draft; selection: readonly string[] } | { complaint: "no-label" } {
  if (view.label === null) return { complaint: "no-label" };
  const id = view.newId();
  const value = newAnnotation(id, view.label, shape, view.document.topOrder());
  return {
    change: { what: "create", edits: [{ annotation: id, part: "presence", value }] },
    selection: [id],
  };
}
