//! The viewport: which part of the image is seen, and how large. Values, never changed in place.
//! Lengths of the view are CSS pixels from its top-left corner.

import { clamp, type Point, type Rect, type Size } from "../geometry/plane.ts";

/** The transform between image and view. */
export interface Viewport extends Size {
  /** CSS pixels per image pixel; 1 shows the image at 100 %. */
  readonly scale: number;
  /** The image position at the view's top-left corner. */
  readonly x: number;
  readonly y: number;
  /** Device pixels per CSS pixel. */
  readonly ratio: number;
}

/** The largest magnification: one image pixel takes 64 CSS pixels. */
export const MAX_SCALE = 64;

/** The empty border around an image that is fitted, in CSS pixels. */
export const FIT_MARGIN = 12;

/** A view of that size, not yet on an image. */
export function viewportOf(width: number, height: number, ratio: number): Viewport {
  return { width: Math.max(1, width), height: Math.max(1, height), scale: 1, x: 0, y: 0, ratio };
}

/** Where an image position is seen. */
export function toScreen(v: Viewport, p: Point): Point {
  return { x: (p.x - v.x) * v.scale, y: (p.y - v.y) * v.scale };
}

/** The image position seen there. */
export function toImage(v: Viewport, p: Point): Point {
  return { x: v.x + p.x / v.scale, y: v.y + p.y / v.scale };
}

/** The part of the plane that is seen, in image pixels. */
export function visibleRect(v: Viewport): Rect {
  return {
    minX: v.x,
    minY: v.y,
    maxX: v.x + v.width / v.scale,
    maxY: v.y + v.height / v.scale,
  };
}

/** The scale at which an area just fits. */
export function fitScale(v: Viewport, area: Size): number {
  const width = Math.max(1, v.width - 2 * FIT_MARGIN);
  const height = Math.max(1, v.height - 2 * FIT_MARGIN);
  return Math.min(width / Math.max(area.width, 1), height / Math.max(area.height, 1));
}

/** The smallest scale: the image fitted at a quarter, or at 100 % when it is tiny. */
export function minScale(v: Viewport, image: Size): number {
  return Math.min(1, fitScale(v, image) / 4);
}

/** The whole area, in the middle. */
export function fit(v: Viewport, area: Rect): Viewport {
  const size = { width: area.maxX - area.minX, height: area.maxY - area.minY };
  const scale = Math.min(fitScale(v, size), MAX_SCALE);
  return centredOn(
    { ...v, scale },
    { x: (area.minX + area.maxX) / 2, y: (area.minY + area.maxY) / 2 },
  );
}

/** The same magnification with `p` in the middle. */
export function centredOn(v: Viewport, p: Point): Viewport {
  return { ...v, x: p.x - v.width / 2 / v.scale, y: p.y - v.height / 2 / v.scale };
}

/** Zooms so that what is seen at `at` (CSS pixels) stays there. */
export function zoomAt(v: Viewport, at: Point, factor: number, image: Size): Viewport {
  const scale = clamp(v.scale * factor, minScale(v, image), MAX_SCALE);
  const fixed = toImage(v, at);
  return keepNear({ ...v, scale, x: fixed.x - at.x / scale, y: fixed.y - at.y / scale }, image);
}

/** Shifts what is seen by CSS pixels. */
export function panBy(v: Viewport, dx: number, dy: number, image: Size): Viewport {
  return keepNear({ ...v, x: v.x - dx / v.scale, y: v.y - dy / v.scale }, image);
}

/** The same picture in a view of another size: its middle stays in the middle. */
export function resized(v: Viewport, width: number, height: number, ratio: number): Viewport {
  const middle = toImage(v, { x: v.width / 2, y: v.height / 2 });
  const size = { width: Math.max(1, width), height: Math.max(1, height) };
  return centredOn({ ...v, ...size, ratio }, middle);
}

/** Moves the view as little as it takes to see `area`, zooming out when it is too large. */
export function reveal(v: Viewport, area: Rect): Viewport {
  const seen = visibleRect(v);
  const width = area.maxX - area.minX;
  const height = area.maxY - area.minY;
  if (width > seen.maxX - seen.minX || height > seen.maxY - seen.minY) return fit(v, area);
  return {
    ...v,
    x: clamp(v.x, area.maxX - (seen.maxX - seen.minX), area.minX),
    y: clamp(v.y, area.maxY - (seen.maxY - seen.minY), area.minY),
  };
}

/** The image can't be lost from sight: the view's middle stays on it. */
function keepNear(v: Viewport, image: Size): Viewport {
  const halfWidth = v.width / 2 / v.scale;
  const halfHeight = v.height / 2 / v.scale;
  return {
    ...v,
    x: clamp(v.x, -halfWidth, image.width - halfWidth),
    y: clamp(v.y, -halfHeight, image.height - halfHeight),
  };
}
