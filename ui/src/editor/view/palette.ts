//! Which colours an annotation is drawn in.

import type { Annotation } from "../document/annotation.ts";
import type { EditorTheme, LabelStyle } from "./theme.ts";

/** Label colours and the theme, looked up by label. */
export class Palette {
  readonly theme: EditorTheme;
  readonly #colors: ReadonlyMap<string, string>;

  constructor(theme: EditorTheme, labels: readonly LabelStyle[]) {
    this.theme = theme;
    this.#colors = new Map(labels.map((label) => [label.id, label.color]));
  }

  /** The colour of a label; what is being drawn without one has its own. */
  color(labelId: string | null): string {
    if (labelId === null) return this.theme.preview;
    return this.#colors.get(labelId) ?? this.theme.unlabelled;
  }

  colorOf(annotation: Annotation): string {
    return this.color(annotation.labelId);
  }
}
