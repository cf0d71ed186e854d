//! Paints one shape in image coordinates onto a pen whose transform maps them to device pixels.

import type { Rect } from "../geometry/plane.ts";
import { kindOf, type Shape } from "../shapes/index.ts";
import type { Pen } from "./surface.ts";

/** How a shape is painted; lengths are device pixels. */
export interface Brush {
  readonly color: string;
  /** How opaque the inside is, from 0 to 1. */
  readonly fillOpacity: number;
  readonly strokeWidth: number;
  readonly dashed: boolean;
  /** Radius of a marker. */
  readonly marker: number;
}

/** The radius of a point's marker, in CSS pixels. */
export const MARKER_RADIUS = 4;

/** Vertices nearer to each other than this are drawn as one; device pixels. */
const FINEST = 0.75;

/** What is smaller than this in both directions is drawn as a dot; device pixels. */
const DOT = 2;

const FULL_CIRCLE = 2 * Math.PI;

/** How far paint reaches beyond a shape's bounds, in device pixels. */
export function overhang(brush: Pick<Brush, "strokeWidth" | "marker">): number {
  return brush.marker + brush.strokeWidth + 1;
}

/** Lets the pen draw in image coordinates: `origin` lies at device pixel (0, 0). */
export function aimPen(pen: Pen, originX: number, originY: number, scale: number): void {
  pen.setTransform(scale, 0, 0, scale, -originX * scale, -originY * scale);
}

/** Paints the shape; `scale` is device pixels per image pixel, `bounds` the shape's own. */
export function paintShape(
  pen: Pen,
  shape: Shape,
  bounds: Rect,
  scale: number,
  brush: Brush,
): void {
  const kind = kindOf(shape);
  pen.fillStyle = brush.color;
  if (kind.painting === "marker") {
    paintMarker(pen, bounds.minX, bounds.minY, scale, brush);
    return;
  }
  const width = bounds.maxX - bounds.minX;
  const height = bounds.maxY - bounds.minY;
  if (width * scale < DOT && height * scale < DOT) {
    const least = 1 / scale;
    pen.fillRect(bounds.minX, bounds.minY, Math.max(width, least), Math.max(height, least));
    return;
  }
  pen.beginPath();
  kind.trace(shape, pen, FINEST / scale);
  if (kind.painting === "area" && brush.fillOpacity > 0) {
    pen.globalAlpha = brush.fillOpacity;
    pen.fill("evenodd");
    pen.globalAlpha = 1;
  }
  strokeTraced(pen, scale, brush);
}

/** Paints the outline only. */
export function outlineShape(
  pen: Pen,
  shape: Shape,
  bounds: Rect,
  scale: number,
  brush: Brush,
): void {
  const kind = kindOf(shape);
  pen.beginPath();
  if (kind.painting === "marker") {
    pen.arc(bounds.minX, bounds.minY, (brush.marker + brush.strokeWidth) / scale, 0, FULL_CIRCLE);
  } else {
    kind.trace(shape, pen, FINEST / scale);
  }
  strokeTraced(pen, scale, brush);
}

function strokeTraced(pen: Pen, scale: number, brush: Brush): void {
  pen.strokeStyle = brush.color;
  pen.lineWidth = brush.strokeWidth / scale;
  if (!brush.dashed) {
    pen.stroke();
    return;
  }
  const dash = (3 * brush.strokeWidth) / scale;
  pen.setLineDash([dash, dash]);
  pen.stroke();
  pen.setLineDash([]);
}

function paintMarker(pen: Pen, x: number, y: number, scale: number, brush: Brush): void {
  pen.beginPath();
  pen.arc(x, y, brush.marker / scale, 0, FULL_CIRCLE);
  pen.fill();
}
