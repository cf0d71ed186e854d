//! The keymaps that come with the program.

import cvat from "../../../../assets/keymaps/cvat.json";
import diffgram from "../../../../assets/keymaps/diffgram.json";
import labelme from "../../../../assets/keymaps/labelme.json";
import { parseKeymap, type Keymap } from "./keymap.ts";

const presets = { cvat, labelme, diffgram };

/** The name of a preset. */
export type PresetId = keyof typeof presets;

/** All presets, the default first. */
export const PRESET_IDS = Object.keys(presets) as readonly PresetId[];

/** A preset by name. */
export function loadKeymap(id: PresetId): Keymap {
  return parseKeymap(presets[id]);
}
