//! Between the editor's words and the core's: annotations in, edits out.

import { shapeFromIpc, shapeToIpc, type Annotation, type Edit, type RemoteDiff } from "../../editor/index.ts";
import type { AnnotationView, EditRequest } from "../../ipc/backend.ts";

/** An annotation as the editor holds it. Throws a ShapeError for a kind it does not know. */
export function fromCore(view: AnnotationView): Annotation {
  return {
    id: view.id,
    labelId: view.label,
    shape: shapeFromIpc(view.shape),
    note: view.note,
    flagged: view.flagged,
    occluded: view.occluded,
    truncated: view.truncated,
    locked: view.locked,
    hidden: view.hidden,
    zOrder: view.z_order,
    source: view.source,
  };
}

/** All that can be shown, and how many can't. */
export function allFromCore(views: readonly AnnotationView[]): {
  annotations: Annotation[];
  unknown: number;
} {
  const annotations: Annotation[] = [];
  let unknown = 0;
  for (const view of views) {
    try {
      annotations.push(fromCore(view));
    } catch {
      unknown += 1;
    }
  }
  return { annotations, unknown };
}

/** The edits of one gesture as the core takes them. */
export function toCore(edits: readonly Edit[]): EditRequest[] {
  return edits.flatMap((edit): EditRequest[] => {
    const id = edit.annotation;
    switch (edit.part) {
      case "presence":
        return edit.value === null ? [{ op: "presence", id, present: false }] : creation(edit.value);
      case "shape":
        return [{ op: "geometry", id, shape: shapeToIpc(edit.value) }];
      case "label":
        return [{ op: "label", id, label: edit.value }];
      case "note":
        return [{ op: "note", id, note: edit.value }];
      case "zOrder":
        return [{ op: "z_order", id, z_order: edit.value }];
      default:
        return [{ op: "flag", id, flag: edit.part, on: edit.value }];
    }
  });
}

/** The core creates an annotation plain; what else it has follows as parts of their own. */
function creation(one: Annotation): EditRequest[] {
  const { id } = one;
  const edits: EditRequest[] = [
    { op: "create", id, label: one.labelId, shape: shapeToIpc(one.shape), z_order: one.zOrder },
  ];
  if (one.note !== "") edits.push({ op: "note", id, note: one.note });
  for (const flag of ["flagged", "occluded", "truncated", "locked", "hidden"] as const) {
    if (one[flag]) edits.push({ op: "flag", id, flag, on: true });
  }
  return edits;
}

/** What differs between what is shown and what the core now says. */
export function difference(
  shown: readonly Annotation[],
  now: readonly Annotation[],
): RemoteDiff {
  const before = new Map(shown.map((one) => [one.id, fingerprint(one)]));
  const put = now.filter((one) => before.get(one.id) !== fingerprint(one));
  const here = new Set(now.map(({ id }) => id));
  return { put, remove: shown.filter(({ id }) => !here.has(id)).map(({ id }) => id) };
}

function fingerprint(one: Annotation): string {
  const { labelId, shape, note, flagged, occluded, truncated, locked, hidden, zOrder } = one;
  return JSON.stringify([labelId, shapeToIpc(shape), note, flagged, occluded, truncated, locked, hidden, zOrder]);
}
