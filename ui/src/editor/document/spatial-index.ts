//! Where the annotations lie: an R-tree over their bounds.

import RBush from "rbush";
import type { Rect } from "../geometry/plane.ts";

interface Entry extends Rect {
  readonly id: string;
}

/** Finds identifiers by rectangle; each identifier is there once. */
export class SpatialIndex {
  readonly #tree = new RBush<Entry>();
  readonly #entries = new Map<string, Entry>();

  /** Replaces everything; much faster than single insertions. */
  load(items: Iterable<readonly [id: string, bounds: Rect]>): void {
    this.#tree.clear();
    this.#entries.clear();
    for (const [id, bounds] of items) this.#entries.set(id, { ...bounds, id });
    this.#tree.load([...this.#entries.values()]);
  }

  /** Puts the identifier at these bounds, wherever it was before. */
  put(id: string, bounds: Rect): void {
    this.remove(id);
    const entry = { ...bounds, id };
    this.#entries.set(id, entry);
    this.#tree.insert(entry);
  }

  /** Takes it out; nothing happens when it isn't there. */
  remove(id: string): void {
    const entry = this.#entries.get(id);
    if (!entry) return;
    this.#tree.remove(entry);
    this.#entries.delete(id);
  }

  /** Where the identifier lies. */
  boundsOf(id: string): Rect | undefined {
    const entry = this.#entries.get(id);
    if (!entry) return undefined;
    const { minX, minY, maxX, maxY } = entry;
    return { minX, minY, maxX, maxY };
  }

  /** All whose bounds touch the rectangle, in no particular order. */
  search(area: Rect): string[] {
    return this.#tree.search(area).map((entry) => entry.id);
  }
}
