//! What is being made durable. Changes are sent one after another, in the order of the gestures;
//! the screen never waits for them, and says "Saved" only when the last one has come back and no
//! refusal waits to be read.

import {
  asAppError,
  backend,
  type AppError,
  type Committed,
  type EditRequest,
  type StepView,
  type Undone,
} from "../ipc/backend.ts";
import { app } from "./app.svelte.ts";

/** How far an undo may reach: a gesture on one item, or whatever comes next. */
export type Reach = "one-item" | "any";

class SavingQueue {
  /** The last refusal, until it is dismissed; what it concerned has been taken back on screen. */
  error = $state.raw<AppError | null>(null);
  /** What undo would take back, and redo bring back. */
  undoStep = $state.raw<StepView | null>(null);
  redoStep = $state.raw<StepView | null>(null);
  /** The step that undo has stopped before, because it reaches beyond one item. */
  held = $state.raw<StepView | null>(null);
  /** The last undo or redo that left something as it was. */
  partial = $state.raw<Undone | null>(null);
  #tail: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  /** The last change on its way, by item. */
  readonly #last = new Map<string, Promise<unknown>>();

  get undoable(): boolean {
    return this.undoStep !== null;
  }

  get redoable(): boolean {
    return this.redoStep !== null;
  }

  /** Sends one gesture; resolves when it is durable. */
  commit(
    project: string,
    item: string,
    gesture: string,
    edits: EditRequest[],
  ): Promise<Committed> {
    const sent = this.#queue(async () => {
      const committed = await backend().edit(project, item, gesture, edits);
      this.#after(committed, null);
      return committed;
    });
    this.#follow(item, sent);
    return sent;
  }

  /**
   * Takes back, or does again, after everything before it is durable. `null` where undo has stopped
   * before a step that reaches further than it may: a held key must not take back an import.
   */
  step(which: "undo" | "redo", project: string, reach: Reach = "any"): Promise<Committed | null> {
    return this.#queue(async () => {
      const next = this.undoStep;
      if (which === "undo" && reach === "one-item" && next && next.items.length !== 1) {
        this.held = next;
        return null;
      }
      const undone = await backend()[which](project);
      this.#after(undone.committed, undone.exception_count > 0 ? undone : null);
      return undone.committed;
    });
  }

  async ask(project: string): Promise<void> {
    this.forget();
    try {
      this.#steps(await backend().undo_state(project));
    } catch {
      this.#steps({ undo: null, redo: null });
    }
  }

  /** Resolves when nothing is on its way any more. */
  async settled(): Promise<void> {
    while (this.#waiting > 0) await this.#tail;
  }

  /** Resolves when no change of this item is on its way: the core then knows what the screen shows. */
  async answered(item: string): Promise<void> {
    await this.#last.get(item);
  }

  dismiss(): void {
    this.error = null;
    if (this.#waiting === 0) app.saving = "saved";
  }

  /** What was said about the last steps has been read. */
  forget(): void {
    this.held = null;
    this.partial = null;
  }

  async #queue<T>(send: () => Promise<T>): Promise<T> {
    this.#waiting += 1;
    app.saving = "saving";
    const sent = this.#tail.then(send);
    this.#tail = sent.catch(() => undefined);
    try {
      return await sent;
    } catch (thrown) {
      this.error = asAppError(thrown);
      throw thrown;
    } finally {
      this.#waiting -= 1;
      if (this.#waiting === 0) app.saving = this.error ? "failed" : "saved";
    }
  }

  #follow(item: string, sent: Promise<unknown>): void {
    const answered = sent
      .catch(() => undefined)
      .then(() => {
        if (this.#last.get(item) === answered) this.#last.delete(item);
      });
    this.#last.set(item, answered);
  }

  #after(committed: Committed, partial: Undone | null): void {
    this.#steps(committed);
    this.held = null;
    this.partial = partial;
  }

  #steps({ undo, redo }: Pick<Committed, "undo" | "redo">): void {
    this.undoStep = undo;
    this.redoStep = redo;
  }
}

export const saving = new SavingQueue();
app.settled = () => saving.settled();
