//! Copies of annotations, within this editor: nothing reaches the system's clipboard, which other
//! programs read.

import type { Annotation } from "../document/annotation.ts";
import { copyEdits, type Edit } from "../document/change.ts";
import type { DocumentReader } from "../document/document.ts";
import { clamp, union, type Point, type Rect, type Size } from "../geometry/plane.ts";
import { kindOf } from "../shapes/index.ts";

/** How far a copy lands from what it was made of, in CSS pixels. */
export const PASTE_OFFSET = 12;

/** What was copied last, and how often it has been pasted where. */
export class Clipboard {
  #copied: readonly Annotation[] = [];
  #pastes = new Map<string, number>();

  get isEmpty(): boolean {
    return this.#copied.length === 0;
  }

  /** Remembers annotations of an item. */
  copy(annotations: readonly Annotation[], itemId: string): void {
    this.#copied = annotations;
    // Copies cover their originals on the item they came from, so they start shifted there.
    this.#pastes = new Map([[itemId, 1]]);
  }

  /** The edits that paste what was copied, and the new identifiers. */
  paste(
    document: DocumentReader,
    scale: number,
    newId: () => string,
  ): { edits: Edit[]; ids: string[] } {
    const { item } = document;
    const times = this.#pastes.get(item.id) ?? 0;
    this.#pastes.set(item.id, times + 1);
    return copiesOf(this.#copied, document, (times * PASTE_OFFSET) / scale, newId);
  }
}

/** The edits that copy annotations into a document, shifted right and down by `offset` pixels. */
export function copiesOf(
  annotations: readonly Annotation[],
  document: DocumentReader,
  offset: number,
  newId: () => string,
): { edits: Edit[]; ids: string[] } {
  const all = annotations.map((a) => kindOf(a.shape).bounds(a.shape));
  const first = all[0];
  if (!first) return { edits: [], ids: [] };
  const shift = shiftInside(all.reduce(union, first), { x: offset, y: offset }, document.item);
  const top = document.topOrder();
  const ids: string[] = [];
  const edits = annotations.flatMap((annotation) => {
    const id = newId();
    ids.push(id);
    const shape = kindOf(annotation.shape).translate(annotation.shape, shift.x, shift.y);
    return copyEdits(annotation, id, shape, top);
  });
  return { edits, ids };
}

/** The shift, changed so that what is shifted lies inside the image as far as it fits. */
function shiftInside(bounds: Rect, by: Point, image: Size): Point {
  return {
    x: clamp(by.x, -bounds.minX, Math.max(-bounds.minX, image.width - bounds.maxX)),
    y: clamp(by.y, -bounds.minY, Math.max(-bounds.minY, image.height - bounds.maxY)),
  };
}
