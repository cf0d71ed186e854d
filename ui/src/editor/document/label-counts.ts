//! How many annotations each label has.

/** Counts kept up to date one annotation at a time; a label without annotations has no entry. */
export class LabelCounts {
  readonly #counts = new Map<string, number>();

  /** Label to number of annotations, every number above zero. */
  get all(): ReadonlyMap<string, number> {
    return this.#counts;
  }

  /** An annotation's label went from `before` to `after`; `undefined` is "not there". */
  moved(before: string | undefined, after: string | undefined): void {
    if (before === after) return;
    if (before !== undefined) this.#add(before, -1);
    if (after !== undefined) this.#add(after, 1);
  }

  clear(): void {
    this.#counts.clear();
  }

  #add(label: string, by: number): void {
    const count = (this.#counts.get(label) ?? 0) + by;
    if (count > 0) this.#counts.set(label, count);
    else this.#counts.delete(label);
  }
}
