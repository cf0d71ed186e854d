//! Editing in the fake core: each edit is applied and answers with the edit that takes it back, which
//! is what undo commits.

import type { AnnotationView, EditRequest, HistoryRow, StepView } from "../bindings.ts";
import { annotationsOf, type FakeItem, type FakeProject } from "./world.ts";

interface Done {
  gesture: string;
  item: FakeItem;
  forward: EditRequest[];
  back: EditRequest[];
}

export class FakeHistory {
  #undo: Done[] = [];
  #redo: Done[] = [];
  #rows = new Map<string, HistoryRow[]>();
  seq = 100;

  commit(project: FakeProject, item: FakeItem, gesture: string, edits: EditRequest[]): string[] {
    const back = edits.map((edit) => apply(project, item, edit)).reverse();
    this.#undo.push({ gesture, item, forward: edits, back });
    this.#redo = [];
    this.#note(item, gesture, "edit", edits);
    return [item.id];
  }

  undo(project: FakeProject): string[] {
    return this.#turn(project, this.#undo, this.#redo, "back", "undo");
  }

  redo(project: FakeProject): string[] {
    return this.#turn(project, this.#redo, this.#undo, "forward", "redo");
  }

  state(): { undo: StepView | null; redo: StepView | null } {
    return { undo: step(this.#undo), redo: step(this.#redo) };
  }

  rows(item: string): HistoryRow[] {
    return this.#rows.get(item) ?? [];
  }

  #turn(
    project: FakeProject,
    from: Done[],
    to: Done[],
    edits: "back" | "forward",
    intent: string,
  ): string[] {
    const done = from.pop();
    if (!done) {
      const words = { kind: "nothing_to_do", detail: `There is nothing to ${intent}.`, remedy: null };
      throw words;
    }
    for (const edit of done[edits]) apply(project, done.item, edit);
    to.push(done);
    this.#note(done.item, done.gesture, intent, done[edits]);
    return [done.item.id];
  }

  #note(item: FakeItem, gesture: string, intent: string, edits: EditRequest[]): void {
    this.seq += 1;
    const row: HistoryRow = {
      seq: this.seq,
      time: new Date().toISOString(),
      author: "officer",
      gesture,
      intent,
      parts: edits.map((edit) => edit.op),
    };
    this.#rows.set(item.id, [row, ...this.rows(item.id)]);
  }
}

function step(stack: Done[]): StepView | null {
  const last = stack.at(-1);
  return last ? { gesture: last.gesture, items: [last.item.id] } : null;
}

function apply(project: FakeProject, item: FakeItem, edit: EditRequest): EditRequest {
  item.revision += 1;
  const all = annotationsOf(project, item);
  switch (edit.op) {
    case "item_note": {
      const back: EditRequest = { op: "item_note", note: item.note };
      item.note = edit.note;
      return back;
    }
    case "item_flagged": {
      const back: EditRequest = { op: "item_flagged", on: item.flagged };
      item.flagged = edit.on;
      return back;
    }
    case "item_done": {
      const back: EditRequest = { op: "item_done", on: item.done };
      item.done = edit.on;
      return back;
    }
    case "create": {
      const { id, label, shape, z_order } = edit;
      put(project, item, { ...PLAIN, id, label, shape, z_order });
      return { op: "presence", id, present: false };
    }
    case "presence": {
      if (edit.present) {
        const one = item.removed.get(edit.id);
        if (one) put(project, item, one);
        item.removed.delete(edit.id);
      } else {
        const one = all.get(edit.id);
        if (one) {
          item.removed.set(edit.id, one);
          all.delete(edit.id);
          item.annotations -= 1;
          project.view.annotations -= 1;
          recount(project, one.label, -1);
        }
      }
      return { op: "presence", id: edit.id, present: !edit.present };
    }
    default: {
      const one = all.get(edit.id);
      if (!one) {
        const words = {
          kind: "not_found",
          detail: "The annotation is no longer there.",
          remedy: "Reload the item.",
        };
        throw words;
      }
      const { next, back } = part(one, edit);
      if (edit.op === "label") {
        recount(project, one.label, -1);
        recount(project, edit.label, 1);
      }
      all.set(edit.id, next);
      return back;
    }
  }
}

type PartEdit = Exclude<
  EditRequest,
  { op: "create" | "presence" | "item_note" | "item_flagged" | "item_done" }
>;

function part(one: AnnotationView, edit: PartEdit): { next: AnnotationView; back: EditRequest } {
  const { id } = one;
  switch (edit.op) {
    case "geometry":
      return { next: { ...one, shape: edit.shape }, back: { op: "geometry", id, shape: one.shape } };
    case "label":
      return { next: { ...one, label: edit.label }, back: { op: "label", id, label: one.label } };
    case "note":
      return { next: { ...one, note: edit.note }, back: { op: "note", id, note: one.note } };
    case "flag":
      return {
        next: { ...one, [edit.flag]: edit.on },
        back: { op: "flag", id, flag: edit.flag, on: one[edit.flag] },
      };
    case "z_order":
      return {
        next: { ...one, z_order: edit.z_order },
        back: { op: "z_order", id, z_order: one.z_order },
      };
  }
}

function put(project: FakeProject, item: FakeItem, one: AnnotationView): void {
  annotationsOf(project, item).set(one.id, one);
  item.annotations += 1;
  project.view.annotations += 1;
  recount(project, one.label, 1);
}

function recount(project: FakeProject, label: string, by: number): void {
  project.labels = project.labels.map((one) =>
    one.id === label ? { ...one, count: one.count + by } : one,
  );
}

const PLAIN = {
  flagged: false,
  occluded: false,
  truncated: false,
  locked: false,
  hidden: false,
  note: "",
  source: "officer",
};
