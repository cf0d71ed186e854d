//! What is being made durable. Changes are sent one after another, in the order of the gestures;
//! the screen never waits for them, and says "Saved" only when the last one has come back.

import { asAppError, backend, type AppError, type Committed, type EditRequest } from "../ipc/backend.ts";
import { app } from "./app.svelte.ts";

class SavingQueue {
  /** The last refusal; what it concerned has been taken back on screen. */
  error = $state.raw<AppError | null>(null);
  undoable = $state(false);
  redoable = $state(false);
  undoGesture = $state<string | null>(null);
  redoGesture = $state<string | null>(null);
  #tail: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /** Sends one gesture; resolves when it is durable. */
  commit(
    project: string,
    item: string,
    gesture: string,
    edits: EditRequest[],
  ): Promise<Committed> {
    return this.#queue(() => backend().edit(project, item, gesture, edits));
  }

  /** Takes back, or does again, after everything before it is durable. */
  step(which: "undo" | "redo", project: string): Promise<Committed> {
    return this.#queue(() => backend()[which](project));
  }

  async ask(project: string): Promise<void> {
    try {
      this.#steps(await backend().undo_state(project));
    } catch {
      this.#steps({ undo: null, redo: null });
    }
  }

  dismiss(): void {
    this.error = null;
    if (this.#waiting === 0) app.saving = "saved";
  }

  async #queue(send: () => Promise<Committed>): Promise<Committed> {
    this.#waiting += 1;
    app.saving = "saving";
    const sent = this.#tail.then(send);
    this.#tail = sent.catch(() => undefined);
    try {
      const committed = await sent;
      this.#steps(committed);
      this.error = null;
      return committed;
    } catch (thrown) {
      this.error = asAppError(thrown);
      throw thrown;
    } finally {
      this.#waiting -= 1;
      if (this.#waiting === 0) app.saving = this.error ? "failed" : "saved";
    }
  }

  #steps({ undo, redo }: Pick<Committed, "undo" | "redo">): void {
    this.undoable = undo !== null;
    this.redoable = redo !== null;
    this.undoGesture = undo?.gesture ?? null;
    this.redoGesture = redo?.gesture ?? null;
  }
}

export const saving = new SavingQueue();
