//! Puts the chosen theme and scale on the document's root, and reads the tokens for the canvas.

import type { ThemeChoice } from "../ipc/backend.ts";

export type { ThemeChoice };
/** What the tokens know. */
export type Theme = "dark" | "light" | "contrast";

export const THEME_CHOICES: readonly ThemeChoice[] = ["system", "dark", "light", "contrast"];
/** Interface scales, as parts of one. */
export const SCALES: readonly number[] = [0.85, 1, 1.15, 1.3, 1.5, 2];

export const ROOT_PIXELS = 16;

/** The theme that a choice means on this machine now. */
export function themeOf(choice: ThemeChoice): Theme {
  if (choice !== "system") return choice;
  if (matches("(prefers-contrast: more)")) return "contrast";
  return matches("(prefers-color-scheme: light)") ? "light" : "dark";
}

function matches(query: string): boolean {
  return typeof matchMedia === "function" && matchMedia(query).matches;
}

/** Shows a theme and a scale. */
export function applyTheme(choice: ThemeChoice, scale: number): void {
  const root = document.documentElement;
  root.dataset["theme"] = themeOf(choice);
  root.style.fontSize = `${ROOT_PIXELS * scale}px`;
}

/** A token's value, for what is painted and not styled. */
export function token(name: `--${string}`): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
