//! What commands work on: the workbench, the labels, and the view.

import type { Point } from "../geometry/plane.ts";
import type { LabelStyle } from "../view/theme.ts";
import type { Workbench } from "../workbench/workbench.ts";
import type { Clipboard } from "./clipboard.ts";

/** What the commands may do to the view. */
export interface ViewControls {
  fit(): void;
  /** 1 is 100 %. */
  zoomTo(scale: number): void;
  zoomBy(factor: number): void;
  reveal(ids: readonly string[]): void;
  toggleCrosshair(): void;
  /** CSS pixels per image pixel. */
  scale(): number;
  /** The keyboard's own pointer, for drawing without a mouse. */
  keyPointer(): Point;
  setKeyPointer(at: Point): void;
  toScreen(at: Point): Point;
}

/** All that a command needs. */
export interface CommandTarget {
  readonly workbench: Workbench;
  readonly view: ViewControls;
  readonly labels: readonly LabelStyle[];
  readonly clipboard: Clipboard;
  newId(): string;
}

/** Carries a command out; `false` says that there was nothing to do. */
export type Run = (target: CommandTarget) => boolean;
