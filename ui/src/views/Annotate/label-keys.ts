//! Labels as the editor has them, and the digits that choose them.

import { labelOfDigit, type LabelStyle } from "../../editor/index.ts";
import type { LabelView } from "../../ipc/backend.ts";

const DIGITS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 0] as const;

/** The project's labels for the editor. */
export function labelStyles(labels: readonly LabelView[]): LabelStyle[] {
  return labels.map(({ id, name, color, key }) => ({
    id,
    name,
    color,
    ...(key === null ? {} : { key: String(key) }),
  }));
}

/** The digit that chooses each label with Ctrl: its own, or by its place in the list. */
export function labelDigits(labels: readonly LabelView[]): ReadonlyMap<string, number> {
  const styles = labelStyles(labels);
  const digits = new Map<string, number>();
  for (const digit of DIGITS) {
    const label = labelOfDigit(styles, digit);
    if (label) digits.set(label.id, digit);
  }
  return digits;
}
