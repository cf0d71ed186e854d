//! Readers for the numbers and vertex lists of the IPC form.

import type { XY } from "../geometry/plane.ts";
import { ShapeError } from "./kind.ts";

/** A finite number in field `name`. */
export function readNumber(value: Readonly<Record<string, unknown>>, name: string): number {
  const number = value[name];
  if (typeof number === "number" && Number.isFinite(number)) return number;
  throw new ShapeError(`${String(value["kind"])}: ${name} is not a finite number`);
}

/** A list of at least `least` vertices; `where` names it in the error. */
export function readVertices(value: unknown, least: number, where: string): XY[] {
  if (!Array.isArray(value)) throw new ShapeError(`${where} is not a list of vertices`);
  if (value.length < least) {
    throw new ShapeError(`${where} has ${value.length} vertices, and needs ${least}`);
  }
  return value.map((vertex: unknown, index) => {
    if (!Array.isArray(vertex) || vertex.length !== 2 || !vertex.every(Number.isFinite)) {
      throw new ShapeError(`${where}: vertex ${index} is not a pair of finite numbers`);
    }
    return [vertex[0] as number, vertex[1] as number];
  });
}
