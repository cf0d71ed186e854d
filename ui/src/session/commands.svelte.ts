//! Every command of the screens has a name, a key and a place in the palette. A screen brings its
//! commands when it appears and takes them along when it goes.

import { app, PLACES, type Place } from "./app.svelte.ts";
import { t } from "../i18n/index.ts";

export interface Command {
  /** As in the keymap where it has a key there. */
  id: string;
  title: string;
  /** Heading in the list of keys. */
  group: string;
  /** Keys that are not in the keymap. */
  chord?: string;
  /** Whether it can be done now. */
  enabled?: () => boolean;
  run: () => void;
}

/** The editor's own commands, while one is on screen. */
export interface EditorCommands {
  run: (id: string) => boolean;
  context: () => { inCanvas: boolean; drawing: boolean };
}

class Commands {
  editor: EditorCommands | null = null;
  #sources = $state.raw<readonly (() => readonly Command[])[]>([]);

  all = $derived(this.#sources.flatMap((source) => source()));

  /** Adds commands until the returned function is called. */
  add(source: () => readonly Command[]): () => void {
    this.#sources = [...this.#sources, source];
    return () => {
      this.#sources = this.#sources.filter((one) => one !== source);
    };
  }

  /** Where a key is pressed, as the keymap asks. */
  context(): { inCanvas: boolean; drawing: boolean } {
    return this.editor?.context() ?? { inCanvas: false, drawing: false };
  }

  /** Runs a command by its id; false when nobody here has it or it can't be done. */
  run(id: string): boolean {
    if (this.editor?.run(id)) return true;
    const command = this.all.findLast((one) => one.id === id);
    if (!command || command.enabled?.() === false) return false;
    command.run();
    return true;
  }
}

export const commands = new Commands();

/** The key that opens a place: Alt and its position. */
export function placeChord(place: Place): string {
  return `Alt+${PLACES.indexOf(place) + 1}`;
}

export const LOCK_CHORD = "Ctrl+L";
/** Where a page can be printed. */
export const PRINT_CHORD = "Ctrl+P";

/** What can be done everywhere. */
export function shellCommands(): readonly Command[] {
  return [
    ...PLACES.map((place) => ({
      id: `go.${place}`,
      title: t("command-go", { place: t(`place-${place}`) }),
      group: t("group-window"),
      chord: placeChord(place),
      enabled: () => app.reachable(place),
      run: () => app.go(place),
    })),
    {
      id: "app.lock",
      title: t("command-lock"),
      group: t("group-window"),
      chord: LOCK_CHORD,
      run: () => void app.lock(),
    },
    {
      id: "app.palette",
      title: t("command-app-palette"),
      group: t("group-window"),
      run: () => (app.paletteOpen = true),
    },
    {
      id: "help.keys",
      title: t("command-help-keys"),
      group: t("group-window"),
      run: () => (app.keysOpen = true),
    },
    {
      id: "app.settings",
      title: t("command-app-settings"),
      group: t("group-window"),
      run: () => app.go("settings"),
    },
    {
      id: "app.fullscreen",
      title: t("command-app-fullscreen"),
      group: t("group-window"),
      run: () => {
        if (document.fullscreenElement) void document.exitFullscreen();
        else void document.documentElement.requestFullscreen().catch(() => undefined);
      },
    },
  ];
}
