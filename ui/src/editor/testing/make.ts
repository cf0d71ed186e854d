//! Values for tests: annotations, random shapes from a fixed seed.

import { Document } from "../document/document.ts";
import { newAnnotation, type Annotation } from "../document/annotation.ts";
import type { XY } from "../geometry/plane.ts";
import type { Shape } from "../shapes/index.ts";

/** A source of numbers from 0 to 1, the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** A star-shaped ring without self-crossings around a centre. */
export function randomRing(
  random: () => number,
  cx: number,
  cy: number,
  radius: number,
  count: number,
): XY[] {
  return Array.from({ length: count }, (_, i) => {
    const angle = ((i + 0.8 * random()) / count) * 2 * Math.PI;
    const r = radius * (0.5 + 0.5 * random());
    return [cx + r * Math.cos(angle), cy + r * Math.sin(angle)];
  });
}

/** An annotation with the label `car` unless told otherwise. */
export function annotation(
  id: string,
  shape: Shape,
  more: Partial<Annotation> = {},
): Annotation {
  return { ...newAnnotation(id, "car", shape, 0), ...more };
}

/** A document on an image of 100 x 80 pixels. */
export function documentOf(...annotations: Annotation[]): Document {
  return new Document({ id: "item", width: 100, height: 80 }, annotations);
}

/** A box with the given edges. */
export function boxAt(minX: number, minY: number, maxX: number, maxY: number): Shape {
  return { kind: "box", x: minX, y: minY, width: maxX - minX, height: maxY - minY };
}
