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

/** What is selected, in a field or on the page; nothing of a passphrase. */
export function selectedText(): string {
  const field = document.activeElement;
  if (field instanceof HTMLTextAreaElement || field instanceof HTMLInputElement) {
    if (field instanceof HTMLInputElement && field.type === "password") return "";
    const { selectionStart, selectionEnd, value } = field;
    return value.slice(selectionStart ?? 0, selectionEnd ?? 0);
  }
  return document.getSelection()?.toString() ?? "";
}

async function copySelected(cut: boolean): Promise<void> {
  const text = selectedText();
  if (text === "") return;
  const refused = await copyText(text);
  if (refused) app.problem = refused;
  else if (cut && text === selectedText()) document.execCommand("delete");
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
