//! From a key press to a command.

import { chordOf, formatChord, type KeyPress } from "./chord.ts";
import type { Binding, BindingPlace, Keymap } from "./keymap.ts";

/** Where the press happens. */
export interface KeyContext {
  /** Whether the canvas has the focus. */
  readonly inCanvas: boolean;
  /** Whether a drawing tool is in hand. */
  readonly drawing: boolean;
}

/** A press with what tells whether text is being typed; a `KeyboardEvent` is one. */
export interface TypedPress extends KeyPress {
  readonly isComposing?: boolean;
  readonly keyCode?: number;
  readonly target?: unknown;
}

/** Input fields that take no text. */
const NO_TEXT: ReadonlySet<string> = new Set([
  "button",
  "checkbox",
  "color",
  "file",
  "image",
  "radio",
  "range",
  "reset",
  "submit",
]);

/** The command that the press runs, or `null`. Keys rest while text is typed or composed. */
export function resolve(keymap: Keymap, press: TypedPress, context: KeyContext): string | null {
  // 229: the press belongs to an input method that has not started composing yet.
  if (press.isComposing === true || press.keyCode === 229) return null;
  const chord = chordOf(press);
  if (!chord) return null;
  const typing = takesText(press.target);
  const text = formatChord(chord);
  const matching = keymap.bindings.filter(
    (b) => b.chord === text && counts(b.where, context) && (!typing || b.whileTyping),
  );
  return mostSpecific(matching)?.command ?? null;
}

function counts(place: BindingPlace, { inCanvas, drawing }: KeyContext): boolean {
  switch (place) {
    case "anywhere":
      return true;
    case "canvas":
      return inCanvas;
    case "drawing":
      return inCanvas && drawing;
    case "editing":
      return inCanvas && !drawing;
  }
}

function mostSpecific(bindings: readonly Binding[]): Binding | undefined {
  return bindings.find((b) => b.where !== "anywhere") ?? bindings[0];
}

/** Whether a key press there types text. */
export function takesText(target: unknown): boolean {
  if (typeof target !== "object" || target === null) return false;
  const { tagName, type, isContentEditable } = target as {
    tagName?: unknown;
    type?: unknown;
    isContentEditable?: unknown;
  };
  if (isContentEditable === true) return true;
  switch (typeof tagName === "string" ? tagName.toUpperCase() : "") {
    case "TEXTAREA":
    case "SELECT":
      return true;
    case "INPUT":
      return !NO_TEXT.has(String(type).toLowerCase());
    default:
      return false;
  }
}
