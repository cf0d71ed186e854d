//! What every shape can say of itself, so that document, tools and view need not know its kind.
//!
//! One folder per kind; adding one means that folder and one line in `registered.ts`.

import type { Point, Rect, XY } from "../geometry/plane.ts";

/** A grip on a selected shape. */
export interface Handle {
  /** Unique within its shape, e.g. `nw` or `0:3` (ring and vertex). */
  readonly id: string;
  readonly at: Point;
  /** A vertex can be deleted; a corner or a side only moves. */
  readonly role: "corner" | "side" | "vertex";
  /** The CSS cursor over it. */
  readonly cursor: string;
}

/** A spot on a shape's outline where a vertex can be put in. */
export interface EdgeSpot {
  /** Identifies the edge within its shape, e.g. `0:3` (ring and first vertex). */
  readonly edge: string;
  /** The nearest point on the edge. */
  readonly at: Point;
  /** Its distance from the pointer, in image pixels. */
  readonly distance: number;
}

/** What a shape draws into: the part of a canvas path that shapes need. */
export interface PathSink {
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
  closePath(): void;
}

/** How a traced shape is painted. */
export type Painting =
  /** Filled (even-odd) and outlined. */
  | "area"
  /** Outlined only. */
  | "line"
  /** A marker of constant size on the screen at the traced position. */
  | "marker";

/** A figure that tells about a shape; its owner words it. The first tells it from its like. */
export type Figure =
  | { readonly name: "extent"; readonly width: number; readonly height: number }
  | { readonly name: "place"; readonly x: number; readonly y: number }
  | { readonly name: "vertices" | "holes"; readonly count: number };

/** One kind of shape: all knowledge about `S`. Every method leaves its arguments as they are. */
export interface ShapeKind<S extends { readonly kind: string }> {
  /** The kind's name in files and across IPC. */
  readonly kind: S["kind"];
  readonly painting: Painting;

  // geometry.ts
  /** The smallest axis-parallel rectangle around it. */
  bounds(shape: S): Rect;
  /** Square pixels, holes taken out; 0 for what has no interior. */
  area(shape: S): number;
  /** All its vertices, ring after ring. */
  vertices(shape: S): readonly XY[];
  /** The shape shifted by whole or broken pixels. */
  translate(shape: S, dx: number, dy: number): S;
  /** Whether the shape may be kept: finite, enough vertices, and an extent. */
  isValid(shape: S): boolean;

  // figures.ts
  /** What can be said about it in figures, in pixels. */
  figures(shape: S): readonly [Figure, ...Figure[]];

  // hit-test.ts
  /** Whether `at` touches the shape, `tolerance` image pixels around its outline included. */
  hit(shape: S, at: Point, tolerance: number): boolean;
  /** Whether the shape shares a point with `area`; decides what a marquee takes. */
  within(shape: S, area: Rect): boolean;

  // drawing.ts
  /** Traces the outline, leaving out detail finer than `step` image pixels. */
  trace(shape: S, path: PathSink, step: number): void;

  // handles.ts
  handles(shape: S): readonly Handle[];
  /** The shape with one handle moved to `to`; unknown handles change nothing. */
  moveHandle(shape: S, handle: string, to: Point): S;
  /** The nearest spot for a new vertex; `undefined` where vertices can't be added. */
  nearestEdge(shape: S, at: Point): EdgeSpot | undefined;
  /** The shape with a vertex put in, and that vertex's handle. */
  insertVertex(shape: S, edge: string, at: Point): { shape: S; handle: string } | undefined;
  /** The shape without that vertex; `undefined` when too few would be left. */
  deleteVertex(shape: S, handle: string): S | undefined;

  // ipc.ts
  /** The form that crosses to the core. */
  toIpc(shape: S): unknown;
  /** Reads that form; throws `ShapeError` that names what is wrong. */
  fromIpc(value: Readonly<Record<string, unknown>>): S;
}

/** The shape type that a kind describes. */
export type ShapeOf<K> = K extends ShapeKind<infer S> ? S : never;

/** A value that is no shape. */
export class ShapeError extends Error {
  override readonly name = "ShapeError";
}

