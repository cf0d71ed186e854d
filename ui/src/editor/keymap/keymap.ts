//! Keymaps: which chord runs which command, where. They are data: presets come as JSON files, a
//! person's own bindings lie on top.

import { commandById } from "../commands/catalogue.ts";
import { formatChord, parseChord } from "./chord.ts";

/**
 * Where a binding counts: everywhere, only while the canvas has the focus, only there with a
 * drawing tool in hand, or only there without one.
 */
export type BindingPlace = "anywhere" | "canvas" | "drawing" | "editing";

/** One chord and what it runs. */
export interface Binding {
  readonly chord: string;
  readonly command: string;
  readonly where: BindingPlace;
  /** Whether it counts even while text is being typed. */
  readonly whileTyping: boolean;
}

/** A set of bindings, and the habits that belong to it. */
export interface Keymap {
  readonly id: string;
  /** The name a person reads; a proper name, not translated. */
  readonly name: string;
  readonly wheel: "zoom" | "scroll";
  readonly keepDrawing: boolean;
  readonly bindings: readonly Binding[];
}

/** What is wrong with a keymap, and in which binding. */
export class KeymapError extends Error {
  override readonly name = "KeymapError";
}

const PLACES: readonly BindingPlace[] = ["anywhere", "canvas", "drawing", "editing"];

/** Reads a keymap from its JSON form; throws {@link KeymapError}. */
export function parseKeymap(json: unknown): Keymap {
  const { id, name, wheel, keepDrawing, bindings } = object(json, "the keymap");
  if (typeof id !== "string" || typeof name !== "string") {
    throw new KeymapError("a keymap has an id and a name");
  }
  if (wheel !== "zoom" && wheel !== "scroll") {
    throw new KeymapError(`${id}: wheel is either "zoom" or "scroll"`);
  }
  if (typeof keepDrawing !== "boolean") {
    throw new KeymapError(`${id}: keepDrawing is true or false`);
  }
  if (!Array.isArray(bindings)) throw new KeymapError(`${id}: bindings is not a list`);
  return { id, name, wheel, keepDrawing, bindings: bindings.map((b, i) => parseBinding(b, id, i)) };
}

function parseBinding(json: unknown, keymap: string, index: number): Binding {
  const where = `${keymap}: binding ${index}`;
  const { chord, command, where: place = "anywhere", whileTyping = false } = object(json, where);
  const parsed = typeof chord === "string" ? parseChord(chord) : undefined;
  if (!parsed) throw new KeymapError(`${where}: ${String(chord)} is no chord`);
  if (typeof command !== "string" || !commandById(command)) {
    throw new KeymapError(`${where}: there is no command ${String(command)}`);
  }
  const known = PLACES.find((p) => p === place);
  if (!known) throw new KeymapError(`${where}: ${String(place)} is no place`);
  if (typeof whileTyping !== "boolean") {
    throw new KeymapError(`${where}: whileTyping is true or false`);
  }
  return { chord: formatChord(parsed), command, where: known, whileTyping };
}

function object(json: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof json === "object" && json !== null && !Array.isArray(json)) {
    return json as Readonly<Record<string, unknown>>;
  }
  throw new KeymapError(`${what} is not an object`);
}

/** The chords of a command, in the order of the keymap: for menus and tooltips. */
export function chordsFor(keymap: Keymap, command: string): string[] {
  return keymap.bindings.filter((b) => b.command === command).map((b) => b.chord);
}

/**
 * The keymap with other chords for one command. They count where the command's first binding did;
 * a chord that can't be read throws {@link KeymapError}.
 */
export function rebind(keymap: Keymap, command: string, chords: readonly string[]): Keymap {
  const before = keymap.bindings.find((b) => b.command === command);
  const added = chords.map((chord, i) =>
    parseBinding(
      {
        chord,
        command,
        where: before?.where ?? "anywhere",
        whileTyping: before?.whileTyping ?? false,
      },
      keymap.id,
      i,
    ),
  );
  const kept = keymap.bindings.filter((b) => b.command !== command);
  return { ...keymap, bindings: [...kept, ...added] };
}
