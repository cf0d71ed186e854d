//! The states of the select tool.

import type { Point } from "../../geometry/plane.ts";
import type { Shape } from "../../shapes/index.ts";

/** Nothing is under way. */
export interface Idle {
  readonly phase: "idle";
  /** The handle that keys move; it counts only while its annotation alone is selected. */
  readonly active: { readonly annotation: string; readonly handle: string } | null;
}

/** A press that is not a drag yet. */
export interface Pressed {
  readonly phase: "pressed";
  /** The annotation under it; `null` on empty ground. */
  readonly on: string | null;
  readonly at: Point;
  readonly screen: Point;
  readonly shift: boolean;
  /** Whether the annotation was selected before the press. */
  readonly was: "unselected" | "among" | "alone";
}

/** Selected annotations follow the pointer. */
export interface Moving {
  readonly phase: "moving";
  readonly ids: readonly string[];
  readonly from: Point;
  readonly to: Point;
}

/** A handle follows the pointer. */
export interface Reshaping {
  readonly phase: "reshaping";
  readonly annotation: string;
  readonly handle: string;
  /** From the pointer to the handle, so that it does not jump when grabbed beside its middle. */
  readonly offset: Point;
  readonly screen: Point;
  /** The new shape; `null` until the press has become a drag. */
  readonly shape: Shape | null;
}

/** Empty ground drags the view. */
export interface Panning {
  readonly phase: "panning";
  readonly last: Point;
}

/** A rectangle takes what it touches. */
export interface Marquee {
  readonly phase: "marquee";
  readonly from: Point;
  readonly to: Point;
}

export type SelectState = Idle | Pressed | Moving | Reshaping | Panning | Marquee;

export const IDLE: Idle = { phase: "idle", active: null };

/** At rest with this handle as the active one. */
export function idleAt(annotation: string, handle: string): Idle {
  return { phase: "idle", active: { annotation, handle } };
}
