//! What a tool is: a state machine that turns what the hand does into previews and changes.
//!
//! `step` is a pure function of its arguments (fresh identifiers apart). Whatever a tool shows on
//! the way is a preview; only a finished gesture gives a change, and exactly one. One folder per
//! tool; adding one means that folder and one line in `registered.ts`.

import type { Annotation } from "../document/annotation.ts";
import type { Draft } from "../document/change.ts";
import type { DocumentReader } from "../document/document.ts";
import type { Point, Rect } from "../geometry/plane.ts";
import type { Shape } from "../shapes/index.ts";

/** The keys held during a gesture. `ctrl` is Command on a Mac. */
export interface Modifiers {
  readonly shift: boolean;
  readonly ctrl: boolean;
  readonly alt: boolean;
}

/** The pointer somewhere, with what is held. */
export interface PointerPlace extends Modifiers {
  /** In image pixels; may lie outside the image. */
  readonly at: Point;
  /** In CSS pixels of the view. */
  readonly screen: Point;
}

/** What the hand does. */
export type ToolEvent =
  /** A button goes down: 0 left, 2 right. The middle button never reaches a tool. */
  | ({ readonly type: "down"; readonly button: number } & PointerPlace)
  | ({ readonly type: "move" } & PointerPlace)
  | ({ readonly type: "up"; readonly button: number } & PointerPlace)
  /** After the second click of a double click. */
  | ({ readonly type: "double" } & PointerPlace)
  /** The pointer has left the view. */
  | { readonly type: "leave" }
  /** Give the gesture up: Escape, a lost pointer, another tool. */
  | { readonly type: "cancel" }
  /** Finish what is drawn. */
  | { readonly type: "finish" }
  /** Take the last point back. */
  | { readonly type: "removePoint" }
  /** Shift the selection, or its active handle, by image pixels. */
  | { readonly type: "nudge"; readonly dx: number; readonly dy: number }
  /** Make the next (1) or previous (-1) handle of the selected shape the active one. */
  | { readonly type: "handle"; readonly step: 1 | -1 }
  /** Put a vertex in after the active one, or take the active one out. */
  | { readonly type: "insertVertex" }
  | { readonly type: "deleteVertex" };

/** What a tool may look at. */
export interface ToolView {
  readonly document: DocumentReader;
  readonly selection: ReadonlySet<string>;
  /** CSS pixels per image pixel. */
  readonly scale: number;
  /** The label that new shapes get; `null` when none is chosen. */
  readonly label: string | null;
  /** Nothing may be changed. */
  readonly readOnly: boolean;
  /** Whether the annotation is drawn, and so can be touched. */
  isVisible(annotation: Annotation): boolean;
  /** A fresh identifier of 32 hexadecimal digits. */
  newId(): string;
}

/** A shape shown in place of, or beside, those of the document. */
export interface PreviewShape {
  /** The annotation that it stands for; `null` while it is being drawn. */
  readonly id: string | null;
  readonly labelId: string | null;
  readonly shape: Shape;
}

/** What the overlay shows of an unfinished gesture. */
export interface Preview {
  readonly shapes?: readonly PreviewShape[];
  /** Vertices placed so far; the first shows as the spot that closes when `closes`. */
  readonly points?: readonly Point[];
  readonly closes?: boolean;
  readonly marquee?: Rect;
  /** Where a click would put a vertex in. */
  readonly spot?: Point;
}

/** What the view shall do. */
export type ViewMove =
  | { readonly type: "pan"; readonly dx: number; readonly dy: number }
  | { readonly type: "fit" }
  | { readonly type: "fitTo"; readonly area: Rect };

/** Why a gesture has no effect; the screen says it in words. */
export type Complaint = "no-label" | "read-only" | "locked" | "too-few-vertices" | "no-extent";

/** The outcome of one event. What is left out stays as it was, the preview apart. */
export interface Step<S> {
  readonly state: S;
  /** All that is to be shown now; left out, nothing is. */
  readonly preview?: Preview;
  readonly change?: Draft;
  /** The new selection. */
  readonly selection?: readonly string[];
  /** The annotation under the pointer. */
  readonly hover?: string | null;
  /** The handle that keys move. */
  readonly activeHandle?: string | null;
  readonly cursor?: string;
  readonly view?: ViewMove;
  readonly complaint?: Complaint;
  /** The event was of no use to the tool; a key may go to whoever is next. */
  readonly unused?: true;
}

/** A tool; `S` is the state of its machine, never changed in place. */
export interface Tool<S> {
  readonly id: string;
  /** Message id of its name. */
  readonly titleKey: string;
  /** Whether it draws new shapes. */
  readonly draws: boolean;
  /** The state in which nothing is under way. */
  readonly initial: S;
  /** The CSS cursor at rest. */
  readonly cursor: string;
  /** Whether a gesture is under way that can be finished or cancelled. */
  isBusy(state: S): boolean;
  step(state: S, event: ToolEvent, view: ToolView): Step<S>;
}
