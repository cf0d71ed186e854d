//! How the image is looked at: what the window does by itself and what the core renders anew.
//! Brightness, contrast and inversion are a filter over the canvas and follow the hand at once;
//! gamma, bands and the percentile stretch need the pixels and come with new tiles.

import type { OpenItem, Rendering } from "../../ipc/backend.ts";

export interface Adjustment {
  /** 1 is as it is. */
  brightness: number;
  contrast: number;
  gamma: number;
  invert: boolean;
  /** Band numbers for red, green and blue, from 0; `null` is the file's own. */
  bands: [number, number, number] | null;
  /** Percentiles that become black and white; `null` is the core's choice. */
  low: number | null;
  high: number | null;
}

export const PLAIN: Adjustment = {
  brightness: 1,
  contrast: 1,
  gamma: 1,
  invert: false,
  bands: null,
  low: null,
  high: null,
};

/** The part that the core renders; the rest of it is neutral. */
export function rendering(look: Adjustment): Rendering {
  return {
    bands: look.bands,
    low: look.low,
    high: look.high,
    brightness: 0,
    contrast: 0,
    gamma: look.gamma,
    invert: false,
  };
}

/** The part that the window does. */
export function filter(look: Adjustment): string {
  const parts: string[] = [];
  if (look.invert) parts.push("invert(1)");
  if (look.brightness !== 1) parts.push(`brightness(${look.brightness})`);
  if (look.contrast !== 1) parts.push(`contrast(${look.contrast})`);
  return parts.join(" ");
}

export function isPlain(look: Adjustment): boolean {
  return JSON.stringify(look) === JSON.stringify(PLAIN);
}

/** Whether a stretch makes sense: more depth than a screen shows. */
export function stretches(item: OpenItem): boolean {
  return item.needs_stretch || !/^u?(int)?8$/i.test(item.sample);
}
