//! Conflicts: one chord that would run two commands at the same place.

import type { Binding, BindingPlace, Keymap } from "./keymap.ts";

/** A chord with more than one command. */
export interface Conflict {
  readonly chord: string;
  /** The commands, in the order of the keymap: the first would win. */
  readonly commands: readonly string[];
}

/** All conflicts of a keymap. */
export function findConflicts(keymap: Keymap): Conflict[] {
  const conflicts = new Map<string, Set<string>>();
  keymap.bindings.forEach((binding, i) => {
    for (const other of keymap.bindings.slice(i + 1)) {
      if (!clash(binding, other)) continue;
      const commands = conflicts.get(binding.chord) ?? new Set();
      conflicts.set(binding.chord, commands.add(binding.command).add(other.command));
    }
  });
  return [...conflicts].map(([chord, commands]) => ({ chord, commands: [...commands] }));
}

function clash(a: Binding, b: Binding): boolean {
  return a.chord === b.chord && a.command !== b.command && overlap(a.where, b.where);
}

/** Whether both can count at the same time; the narrower place wins over "anywhere". */
function overlap(a: BindingPlace, b: BindingPlace): boolean {
  if (a === b) return true;
  const inCanvas = (place: BindingPlace): boolean => place === "drawing" || place === "editing";
  return (a === "canvas" && inCanvas(b)) || (b === "canvas" && inCanvas(a));
}
