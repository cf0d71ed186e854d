//! Copying text: never by the web engine itself. What is selected goes to the core, which asks the
//! vault's policy, puts it on the clipboard, and takes it off again. Dragging out is stopped here for
//! the eye; the core stops it for good.

import { asAppError, backend, type AppError } from "../ipc/backend.ts";
import { app } from "./app.svelte.ts";

/** Asks the core to copy; null where it did. */
export async function copyText(text: string): Promise<AppError | null> {
  try {
    await backend().copy_text(text);
    return null;
  } catch (thrown) {
    return asAppError(thrown);
  }
}

/** A part of a field. */
interface Part {
  field: HTMLInputElement | HTMLTextAreaElement;
  value: string;
  /** None where the field has no selection to tell of: a number is copied whole. */
  range: [number, number] | null;
}

function selectedPart(): Part | null {
  const field = document.activeElement;
  if (!(field instanceof HTMLTextAreaElement || field instanceof HTMLInputElement)) return null;
  const { selectionStart: from, selectionEnd: to, value } = field;
  return { field, value, range: from === null || to === null ? null : [from, to] };
}

/** What is selected, in a field or on the page; nothing of a passphrase. */
function textOf(part: Part | null): string {
  if (!part) return document.getSelection()?.toString() ?? "";
  if (part.field.type === "password") return "";
  return part.range ? part.value.slice(...part.range) : part.value;
}

async function copySelected(cut: boolean): Promise<void> {
  const part = selectedPart();
  const text = textOf(part);
  if (text === "") return;
  const refused = await copyText(text);
  if (refused) app.problem = refused;
  // Cut is what was selected then, wherever the caret is now.
  else if (cut && part?.range && part.field.value === part.value) {
    part.field.focus();
    part.field.setSelectionRange(...part.range);
    document.execCommand("delete");
  }
}

/** Hears the keys and menus that copy, cut and drag; until the returned function is called. */
export function guardCopying(target: Window): () => void {
  const copy = (event: ClipboardEvent) => {
    event.preventDefault();
    void copySelected(event.type === "cut");
  };
  const drag = (event: DragEvent) => {
    if (!app.session?.may_drag_out) event.preventDefault();
  };
  target.addEventListener("copy", copy, true);
  target.addEventListener("cut", copy, true);
  target.addEventListener("dragstart", drag, true);
  return () => {
    target.removeEventListener("copy", copy, true);
    target.removeEventListener("cut", copy, true);
    target.removeEventListener("dragstart", drag, true);
  };
}
