//! Which annotations are drawn and can be touched.

import type { Annotation } from "../document/annotation.ts";

/** A condition that annotations must meet to be shown. */
export type AnnotationFilter = (annotation: Annotation) => boolean;

/** Labels switched off, and a filter; an annotation's own hidden flag counts as well. */
export class Visibility {
  readonly #hiddenLabels = new Set<string>();
  #filter: AnnotationFilter | null = null;

  /** Returns whether this made a difference. */
  setLabel(labelId: string, visible: boolean): boolean {
    if (visible) return this.#hiddenLabels.delete(labelId);
    const before = this.#hiddenLabels.size;
    return this.#hiddenLabels.add(labelId).size > before;
  }

  setFilter(filter: AnnotationFilter | null): void {
    this.#filter = filter;
  }

  isLabelVisible(labelId: string): boolean {
    return !this.#hiddenLabels.has(labelId);
  }

  shows(annotation: Annotation): boolean {
    return (
      !annotation.hidden &&
      !this.#hiddenLabels.has(annotation.labelId) &&
      (this.#filter === null || this.#filter(annotation))
    );
  }
}
