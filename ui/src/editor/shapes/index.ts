//! The registry of shapes: the union of all registered kinds, and each kind's knowledge by name.

import { ShapeError, type ShapeKind, type ShapeOf } from "./kind.ts";
import * as registered from "./registered.ts";

export { ShapeError } from "./kind.ts";
export type { EdgeSpot, Figure, Handle, Painting, PathSink, ShapeKind } from "./kind.ts";

/** The geometry of one annotation; discriminated by `kind`. */
export type Shape = ShapeOf<(typeof registered)[keyof typeof registered]>;

/** The name of a registered kind. */
export type KindName = Shape["kind"];

const kinds = new Map<string, ShapeKind<Shape>>(
  // Each kind only ever receives its own shapes: `kindOf` looks it up by the shape's own name.
  Object.values(registered).map((kind) => [kind.kind, kind as unknown as ShapeKind<Shape>]),
);

/** The names of all registered kinds. */
export const KIND_NAMES = [...kinds.keys()] as readonly KindName[];

/** What is known about the kind of this shape. */
export function kindOf(shape: Shape): ShapeKind<Shape> {
  const kind = kinds.get(shape.kind);
  if (!kind) throw new ShapeError(`no shape is called ${shape.kind}`);
  return kind;
}

/** The form of a shape that crosses to the core. */
export function shapeToIpc(shape: Shape): unknown {
  return kindOf(shape).toIpc(shape);
}

/** Reads that form; throws {@link ShapeError} that names what is wrong. */
export function shapeFromIpc(value: unknown): Shape {
  if (typeof value !== "object" || value === null) throw new ShapeError("a shape is an object");
  const fields = value as Readonly<Record<string, unknown>>;
  const kind = kinds.get(String(fields["kind"]));
  if (!kind) throw new ShapeError(`no shape is called ${String(fields["kind"])}`);
  return kind.fromIpc(fields);
}
