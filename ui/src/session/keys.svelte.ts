//! The keys in use: the chosen preset with the person's own bindings laid over it.

import {
  chordsFor,
  findConflicts,
  loadKeymap,
  rebind,
  resolve,
  type Keymap,
} from "../editor/index.ts";
import { preferences } from "./preferences.svelte.ts";

export const PRESETS = ["cvat", "labelme", "diffgram"] as const;
export type Preset = (typeof PRESETS)[number];

class Keys {
  keymap: Keymap = $derived.by(() => {
    const preset = PRESETS.find((one) => one === preferences.wishes.keymap) ?? "cvat";
    let map = loadKeymap(preset);
    for (const [command, chords] of Object.entries(preferences.wishes.keys)) {
      map = rebind(map, command, chords);
    }
    return map;
  });

  conflicts = $derived(findConflicts(this.keymap));

  /** The chords of a command. */
  of(command: string): readonly string[] {
    return chordsFor(this.keymap, command);
  }

  /** The first chord, for menus and tooltips. */
  first(command: string): string | undefined {
    return this.of(command)[0];
  }

  resolve(event: KeyboardEvent, where: { inCanvas: boolean; drawing: boolean }): string | null {
    return resolve(this.keymap, event, where);
  }

  set(command: string, chords: string[]): void {
    preferences.set({ keys: { ...preferences.wishes.keys, [command]: chords } });
  }

  /** Back to the preset's keys. */
  reset(): void {
    preferences.set({ keys: {} });
  }
}

export const keys = new Keys();
