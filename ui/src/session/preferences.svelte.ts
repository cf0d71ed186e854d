//! What a person likes: theme, scale, keys, panel sizes. Nothing readable is ever on disk, so it is
//! kept inside the project, encrypted, and read when a project is opened.

import { backend, type Look } from "../ipc/backend.ts";
import { ROOT_PIXELS, SCALES, THEME_CHOICES, type ThemeChoice } from "../theme/theme.ts";

const KEY = "window.preferences";

export interface Wishes {
  theme: ThemeChoice;
  scale: number;
  /** Preset that the keys start from. */
  keymap: string;
  /** Commands whose keys differ from the preset's. */
  keys: Record<string, string[]>;
  /** Sizes of panels in rem, by name. */
  panels: Record<string, number>;
  /** Panels that are folded away. */
  folded: Record<string, boolean>;
}

const DEFAULTS: Wishes = {
  theme: "dark",
  scale: 1,
  keymap: "cvat",
  keys: {},
  panels: {},
  folded: {},
};

class Preferences {
  wishes = $state.raw<Wishes>(DEFAULTS);
  #project: string | null = null;

  async load(project: string): Promise<void> {
    this.#project = project;
    try {
      const text = await backend().setting_get(project, KEY);
      if (text && this.#project === project) this.wishes = read(text);
    } catch {
      // Without wishes of its own a project opens with what is on screen now.
    }
  }

  /** Pixels of 1rem at this scale. */
  get rem(): number {
    return ROOT_PIXELS * this.wishes.scale;
  }

  /** Theme and scale. */
  get look(): Look {
    const { theme, scale } = this.wishes;
    return { theme, percent: Math.round(scale * 100) };
  }

  /** Shows the window as it looked before the program started anew. */
  takeUp({ theme, percent }: Look): void {
    this.wishes = { ...this.wishes, theme, scale: percent / 100 };
  }

  /** Locked: the next person starts from the defaults. The theme stays, it says nothing. */
  forget(): void {
    this.#project = null;
    this.wishes = { ...DEFAULTS, theme: this.wishes.theme, scale: this.wishes.scale };
  }

  set(part: Partial<Wishes>): void {
    this.wishes = { ...this.wishes, ...part };
    if (!this.#project) return;
    backend()
      .setting_set(this.#project, KEY, JSON.stringify(this.wishes))
      .catch(() => undefined);
  }

  setPanel(name: string, size: number): void {
    this.set({ panels: { ...this.wishes.panels, [name]: size } });
  }

  setFolded(name: string, folded: boolean): void {
    this.set({ folded: { ...this.wishes.folded, [name]: folded } });
  }
}

/** Reads stored wishes; what is missing or odd falls back. */
export function read(text: string): Wishes {
  let stored: Partial<Wishes>;
  try {
    stored = JSON.parse(text) as Partial<Wishes>;
  } catch {
    return DEFAULTS;
  }
  if (typeof stored !== "object" || stored === null) return DEFAULTS;
  return {
    theme: THEME_CHOICES.find((choice) => choice === stored.theme) ?? DEFAULTS.theme,
    scale: SCALES.find((scale) => scale === stored.scale) ?? DEFAULTS.scale,
    keymap: typeof stored.keymap === "string" ? stored.keymap : DEFAULTS.keymap,
    keys: record(stored.keys),
    panels: record(stored.panels),
    folded: record(stored.folded),
  };
}

function record<T>(value: Record<string, T> | undefined): Record<string, T> {
  return typeof value === "object" && value !== null ? value : {};
}

export const preferences = new Preferences();
