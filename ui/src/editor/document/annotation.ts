//! One annotation of the open item, as the core describes it.

import type { Shape } from "../shapes/index.ts";

/** A shape with a label on an item. Values, never changed in place. */
export interface Annotation {
  /** 32 lower-case hexadecimal digits. */
  readonly id: string;
  readonly labelId: string;
  readonly shape: Shape;
  /** Free text; empty when there is none. */
  readonly note: string;
  /** Marked for attention. */
  readonly flagged: boolean;
  /** Partly covered by something else. */
  readonly occluded: boolean;
  /** Cut by the image's edge. */
  readonly truncated: boolean;
  /** Protected from changes until unlocked. */
  readonly locked: boolean;
  /** Not drawn. */
  readonly hidden: boolean;
  /** Drawing order, a whole number: higher lies on top. */
  readonly zOrder: number;
  /** Who changed it last; shown, never interpreted. */
  readonly author?: string;
  /** Where it came from; shown, never interpreted. */
  readonly source?: string;
  /** When it changed last; shown, never interpreted. */
  readonly changedAt?: string;
}

/** The flags that are parts of their own. */
export type FlagPart = "flagged" | "occluded" | "truncated" | "locked" | "hidden";

/** The flags in the order in which a screen lists them. */
export const FLAG_PARTS: readonly FlagPart[] = [
  "flagged",
  "occluded",
  "truncated",
  "locked",
  "hidden",
];

/** An annotation as it is right after it is drawn. */
export function newAnnotation(
  id: string,
  labelId: string,
  shape: Shape,
  zOrder: number,
): Annotation {
  return {
    id,
    labelId,
    shape,
    note: "",
    flagged: false,
    occluded: false,
    truncated: false,
    locked: false,
    hidden: false,
    zOrder,
  };
}

/** Whether both look the same; shapes are compared by identity, as they are never changed in place. */
export function isSame(a: Annotation | undefined, b: Annotation | undefined): boolean {
  if (a === b) return true;
  if (!a || !b) return false;
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]) as Set<keyof Annotation>;
  return [...keys].every((key) => a[key] === b[key]);
}
