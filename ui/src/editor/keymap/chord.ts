//! Chords: a key with its modifiers, written as `Ctrl+Shift+Z`, `Delete`, `F1`, `-`.
//!
//! Letters mean the key that types them, or, where the layout types no Latin letter there, the key
//! at that place of a US keyboard (`event.code`). Digits mean the keys of the digit row and the
//! number pad. Signs mean what is typed, whatever it takes to type it. Everything else goes by its
//! name in `event.key`.

/** A key press, as far as chords look at it; a `KeyboardEvent` is one. */
export interface KeyPress {
  readonly key: string;
  readonly code: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

/** A parsed chord. */
export interface Chord {
  readonly ctrl: boolean;
  readonly alt: boolean;
  readonly shift: boolean;
  /** A capital letter, a digit, a sign, or a name such as `ArrowLeft`. */
  readonly key: string;
}

const NAMES: ReadonlySet<string> = new Set([
  "ArrowDown",
  "ArrowLeft",
  "ArrowRight",
  "ArrowUp",
  "Backspace",
  "Delete",
  "End",
  "Enter",
  "Escape",
  "Home",
  "Insert",
  "PageDown",
  "PageUp",
  "Space",
  "Tab",
  ...Array.from({ length: 12 }, (_, i) => `F${i + 1}`),
]);

/** Reads a chord; `undefined` when it is none. */
export function parseChord(text: string): Chord | undefined {
  // The key itself may be `+`: "Ctrl++".
  const match = /^((?:(?:Ctrl|Alt|Shift)\+)*)(.+)$/.exec(text);
  const key = match?.[2];
  if (!match || !key) return undefined;
  const modifiers = (match[1] ?? "").split("+").filter(Boolean);
  if (new Set(modifiers).size < modifiers.length) return undefined;
  if (!isKey(key)) return undefined;
  return {
    ctrl: modifiers.includes("Ctrl"),
    alt: modifiers.includes("Alt"),
    shift: modifiers.includes("Shift"),
    key,
  };
}

/** The one way to write a chord. */
export function formatChord({ ctrl, alt, shift, key }: Chord): string {
  return [ctrl && "Ctrl", alt && "Alt", shift && "Shift", key].filter(Boolean).join("+");
}

/** The chord that was pressed; `undefined` for modifiers alone and keys without a name. */
export function chordOf(press: KeyPress): Chord | undefined {
  const key = keyOf(press);
  if (key === undefined) return undefined;
  const typed = isSign(key);
  return {
    ctrl: press.ctrlKey || press.metaKey,
    alt: press.altKey,
    // Shift may be what it takes to type the sign.
    shift: press.shiftKey && !typed,
    key,
  };
}

function keyOf({ key, code }: KeyPress): string | undefined {
  if (key === " ") return "Space";
  if (NAMES.has(key)) return key;
  if (/^[a-z]$/i.test(key)) return key.toUpperCase();
  const digit = /^(?:Digit|Numpad)([0-9])$/.exec(code)?.[1];
  if (digit !== undefined) return digit;
  if (isSign(key)) return key;
  return /^Key([A-Z])$/.exec(code)?.[1];
}

function isKey(key: string): boolean {
  return NAMES.has(key) || /^[A-Z0-9]$/.test(key) || isSign(key);
}

function isSign(key: string): boolean {
  return /^[!-/:-@[-`{-~]$/.test(key);
}
