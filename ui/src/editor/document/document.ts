//! The document: the annotations of the open item as the person sees them.
//!
//! It keeps two states: what the core has confirmed, and that with all changes applied which the
//! core has yet to answer. Whatever happens to a change (confirmed, refused, overtaken by news from
//! the core), the visible state of what it touched is worked out again from these. Undo history is
//! the core's: an undo arrives here as news.

import { union, type Rect, type Size } from "../geometry/plane.ts";
import { kindOf } from "../shapes/index.ts";
import { isSame, type Annotation } from "./annotation.ts";
import { applyEdit, isIdle, type Change, type Draft } from "./change.ts";
import { LabelCounts } from "./label-counts.ts";
import { SpatialIndex } from "./spatial-index.ts";

/** The open item: one upright image. */
export interface EditorItem extends Size {
  readonly id: string;
}

/** News from the core: annotations as they are now, and those that are gone. */
export interface RemoteDiff {
  readonly put: readonly Annotation[];
  readonly remove: readonly string[];
}

/** What a listener learns after the visible state changed. */
export interface DocumentEvent {
  /** The annotations that came, went or changed. */
  readonly ids: readonly string[];
  /** The part of the image that looks different, old and new bounds together. */
  readonly dirty: Rect;
}

/** The document without the means to change it. */
export interface DocumentReader {
  readonly item: EditorItem;
  /** How many annotations there are. */
  readonly size: number;
  /** How many changes wait for the core's answer. */
  readonly pendingCount: number;
  get(id: string): Annotation | undefined;
  /** All annotations, bottom to top. */
  all(): readonly Annotation[];
  /** Those whose bounds touch the rectangle, bottom to top. */
  search(area: Rect): Annotation[];
  /** Where an annotation lies. */
  boundsOf(id: string): Rect | undefined;
  /** Label to number of annotations. */
  counts(): ReadonlyMap<string, number>;
  /** The drawing order that lies above all others. */
  topOrder(): number;
}

/** The annotations of one item; see the module. */
export class Document implements DocumentReader {
  readonly item: EditorItem;
  readonly #confirmed = new Map<string, Annotation>();
  readonly #visible = new Map<string, Annotation>();
  #pending: Change[] = [];
  #lastToken = 0;
  // Annotations of equal drawing order keep the order in which they came.
  readonly #arrival = new Map<string, number>();
  #arrivals = 0;
  #sorted: readonly Annotation[] | undefined;
  #rank: ReadonlyMap<string, number> | undefined;
  readonly #index = new SpatialIndex();
  readonly #counts = new LabelCounts();
  readonly #listeners = new Set<(event: DocumentEvent) => void>();

  constructor(item: EditorItem, annotations: Iterable<Annotation>) {
    this.item = item;
    for (const annotation of annotations) {
      this.#confirmed.set(annotation.id, annotation);
      this.#visible.set(annotation.id, annotation);
      this.#arrival.set(annotation.id, this.#arrivals++);
      this.#counts.moved(undefined, annotation.labelId);
    }
    this.#index.load([...this.#visible.values()].map((a) => [a.id, boundsOfShape(a)] as const));
  }

  get size(): number {
    return this.#visible.size;
  }

  get pendingCount(): number {
    return this.#pending.length;
  }

  get(id: string): Annotation | undefined {
    return this.#visible.get(id);
  }

  all(): readonly Annotation[] {
    this.#sorted ??= [...this.#visible.values()].sort((a, b) => this.#compare(a, b));
    return this.#sorted;
  }

  search(area: Rect): Annotation[] {
    const found: Annotation[] = [];
    for (const id of this.#index.search(area)) {
      const annotation = this.#visible.get(id);
      if (annotation) found.push(annotation);
    }
    // Few: compare pairwise. Many: look the place up in the whole order, sorted once.
    if (found.length * 4 < this.#visible.size) return found.sort((a, b) => this.#compare(a, b));
    const rank = this.#ranks();
    return found.sort((a, b) => (rank.get(a.id) ?? 0) - (rank.get(b.id) ?? 0));
  }

  boundsOf(id: string): Rect | undefined {
    return this.#index.boundsOf(id);
  }

  counts(): ReadonlyMap<string, number> {
    return this.#counts.all;
  }

  topOrder(): number {
    return this.all().at(-1)?.zOrder ?? 0;
  }

  /** Calls `listener` after every change of the visible state; returns how to stop that. */
  subscribe(listener: (event: DocumentEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Shows the change at once. Edits that change nothing are left out; when none is left there is
   * no change, and `undefined` comes back. Otherwise the owner must confirm or refuse it.
   */
  apply(draft: Draft): Change | undefined {
    const after = new Map<string, Annotation | undefined>();
    const edits = draft.edits.filter((edit) => {
      const id = edit.annotation;
      const before = after.has(id) ? after.get(id) : this.#visible.get(id);
      if (isIdle(before, edit)) return false;
      after.set(id, applyEdit(before, edit));
      return true;
    });
    if (edits.length === 0) return undefined;
    const change: Change = { token: ++this.#lastToken, what: draft.what, edits };
    this.#pending.push(change);
    this.#show(after);
    return change;
  }

  /** The core has made the change durable. Unknown tokens are ignored. */
  confirm(token: number): void {
    const change = this.#take(token);
    if (!change) return;
    for (const edit of change.edits) this.#confirmEdit(edit.annotation, edit);
    this.#rebase(change.edits.map((edit) => edit.annotation));
  }

  /** The core has refused the change: it is taken back, later ones stay where they still apply. */
  refuse(token: number): void {
    const change = this.#take(token);
    if (change) this.#rebase(change.edits.map((edit) => edit.annotation));
  }

  /** The core has news; changes that wait for an answer stay on top of it. */
  applyRemote(diff: RemoteDiff): void {
    for (const annotation of diff.put) this.#confirmed.set(annotation.id, annotation);
    for (const id of diff.remove) this.#confirmed.delete(id);
    this.#rebase([...diff.put.map((a) => a.id), ...diff.remove]);
  }

  #take(token: number): Change | undefined {
    const change = this.#pending.find((c) => c.token === token);
    if (change) this.#pending = this.#pending.filter((c) => c !== change);
    return change;
  }

  #confirmEdit(id: string, edit: Change["edits"][number]): void {
    const after = applyEdit(this.#confirmed.get(id), edit);
    if (after) this.#confirmed.set(id, after);
    else this.#confirmed.delete(id);
  }

  /** Works the visible state of these annotations out again. */
  #rebase(ids: Iterable<string>): void {
    const after = new Map<string, Annotation | undefined>();
    for (const id of ids) after.set(id, this.#confirmed.get(id));
    for (const change of this.#pending) {
      for (const edit of change.edits) {
        if (!after.has(edit.annotation)) continue;
        after.set(edit.annotation, applyEdit(after.get(edit.annotation), edit));
      }
    }
    this.#show(after);
  }

  #show(after: ReadonlyMap<string, Annotation | undefined>): void {
    const ids: string[] = [];
    let dirty: Rect | undefined;
    for (const [id, annotation] of after) {
      const before = this.#visible.get(id);
      if (isSame(before, annotation)) continue;
      ids.push(id);
      const old = this.#index.boundsOf(id);
      if (old) dirty = dirty ? union(dirty, old) : old;
      this.#counts.moved(before?.labelId, annotation?.labelId);
      if (annotation) {
        this.#visible.set(id, annotation);
        if (!this.#arrival.has(id)) this.#arrival.set(id, this.#arrivals++);
        const bounds = boundsOfShape(annotation);
        if (before?.shape !== annotation.shape) this.#index.put(id, bounds);
        dirty = dirty ? union(dirty, bounds) : bounds;
      } else {
        this.#visible.delete(id);
        this.#index.remove(id);
      }
    }
    if (!dirty) return;
    this.#sorted = undefined;
    this.#rank = undefined;
    for (const listener of [...this.#listeners]) listener({ ids, dirty });
  }

  #compare(a: Annotation, b: Annotation): number {
    return a.zOrder - b.zOrder || this.#arrived(a) - this.#arrived(b);
  }

  #arrived(a: Annotation): number {
    return this.#arrival.get(a.id) ?? 0;
  }

  #ranks(): ReadonlyMap<string, number> {
    this.#rank ??= new Map(this.all().map((a, i) => [a.id, i]));
    return this.#rank;
  }
}

function boundsOfShape(annotation: Annotation): Rect {
  return kindOf(annotation.shape).bounds(annotation.shape);
}
