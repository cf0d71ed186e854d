//! The overlay: what is selected, hovered over or being drawn, above the scene. It is small, and
//! painted whole whenever one of these changes or the view moves.

import type { Annotation } from "../document/annotation.ts";
import type { Point, Rect } from "../geometry/plane.ts";
import { intersects } from "../geometry/plane.ts";
import { kindOf, type Handle, type Shape } from "../shapes/index.ts";
import type { Preview } from "../tools/tool.ts";
import { aimPen, MARKER_RADIUS, outlineShape, paintShape, type Brush } from "./paint-shape.ts";
import type { Palette } from "./palette.ts";
import type { Pen } from "./surface.ts";
import { toScreen, visibleRect, type Viewport } from "./viewport.ts";

/** What the overlay shows. */
export interface OverlayContent {
  /** Selected annotations that the scene does not mark itself. */
  readonly selected: readonly Annotation[];
  readonly hovered: Annotation | undefined;
  /** The handles of the one selected annotation. */
  readonly handles: readonly Handle[];
  readonly activeHandle: string | null;
  readonly preview: Preview | undefined;
  /** Where the lines of the crosshair meet; `null` shows none. Image pixels. */
  readonly crosshair: Point | null;
}

/** More shapes than this in motion are shown by their bounds. */
const DETAILED = 300;

const FULL_CIRCLE = 2 * Math.PI;

/** Paints the overlay; the canvas is clear and the pen has no transform. */
export function paintOverlay(
  pen: Pen,
  v: Viewport,
  content: OverlayContent,
  palette: Palette,
): void {
  const overlay = new OverlayPainter(pen, v, palette);
  pen.lineJoin = "round";
  overlay.crosshair(content.crosshair);
  const replaced = new Set(content.preview?.shapes?.map((s) => s.id));
  const { theme } = palette;
  const hovered = content.hovered;
  if (hovered && !replaced.has(hovered.id)) overlay.outline(hovered.shape, theme.hover);
  for (const annotation of content.selected) {
    if (!replaced.has(annotation.id)) overlay.outline(annotation.shape, theme.selection);
  }
  if (content.preview) overlay.preview(content.preview);
  if (replaced.size === 0) overlay.handles(content.handles, content.activeHandle);
}

class OverlayPainter {
  readonly #pen: Pen;
  readonly #view: Viewport;
  readonly #palette: Palette;
  readonly #seen: Rect;
  readonly #scale: number;

  constructor(pen: Pen, view: Viewport, palette: Palette) {
    this.#pen = pen;
    this.#view = view;
    this.#palette = palette;
    this.#seen = visibleRect(view);
    this.#scale = view.scale * view.ratio;
  }

  /** A line around the shape, on a halo that sets it off from any image. */
  outline(shape: Shape, color: string): void {
    const bounds = kindOf(shape).bounds(shape);
    if (!intersects(bounds, this.#seen)) return;
    const width = this.#palette.theme.strokeWidth;
    this.#inImage();
    this.#outline(shape, bounds, this.#brush(this.#palette.theme.halo, 0, width + 2));
    this.#outline(shape, bounds, this.#brush(color, 0, width));
  }

  preview(preview: Preview): void {
    const shapes = preview.shapes ?? [];
    const { theme } = this.#palette;
    this.#inImage();
    for (const { shape, labelId } of shapes) {
      const bounds = kindOf(shape).bounds(shape);
      if (!intersects(bounds, this.#seen)) continue;
      const color = this.#palette.color(labelId);
      if (shapes.length > DETAILED) {
        this.#boundsOnly(bounds, color);
        continue;
      }
      const brush = this.#brush(color, theme.fillOpacity, theme.strokeWidth);
      paintShape(this.#pen, shape, bounds, this.#scale, brush);
    }
    this.#points(preview);
    if (preview.spot) this.#knob(preview.spot, theme.handleActive, theme.handleStroke, true);
    if (preview.marquee) this.#marquee(preview.marquee);
  }

  handles(handles: readonly Handle[], active: string | null): void {
    const { theme } = this.#palette;
    for (const handle of handles) {
      const fill = handle.id === active ? theme.handleActive : theme.handleFill;
      this.#knob(handle.at, fill, theme.handleStroke, handle.role === "vertex");
    }
  }

  crosshair(at: Point | null): void {
    if (!at) return;
    const { x, y } = this.#device(at);
    const { width, height, ratio } = this.#view;
    const pen = this.#pen;
    this.#inDevice();
    pen.strokeStyle = this.#palette.theme.crosshair;
    pen.lineWidth = Math.max(1, Math.round(ratio));
    pen.beginPath();
    // Half a pixel: a line of one pixel fills pixels instead of straddling two rows.
    pen.moveTo(0, Math.round(y) + 0.5);
    pen.lineTo(width * ratio, Math.round(y) + 0.5);
    pen.moveTo(Math.round(x) + 0.5, 0);
    pen.lineTo(Math.round(x) + 0.5, height * ratio);
    pen.stroke();
  }

  #points(preview: Preview): void {
    const { theme } = this.#palette;
    preview.points?.forEach((point, i) => {
      const closing = i === 0 && preview.closes === true;
      this.#knob(point, closing ? theme.handleActive : theme.handleFill, theme.handleStroke, true);
    });
  }

  #marquee(area: Rect): void {
    const { theme } = this.#palette;
    const from = this.#device({ x: area.minX, y: area.minY });
    const to = this.#device({ x: area.maxX, y: area.maxY });
    const pen = this.#pen;
    this.#inDevice();
    pen.fillStyle = theme.marqueeFill;
    pen.fillRect(from.x, from.y, to.x - from.x, to.y - from.y);
    pen.strokeStyle = theme.marqueeStroke;
    pen.lineWidth = this.#view.ratio;
    pen.strokeRect(from.x, from.y, to.x - from.x, to.y - from.y);
  }

  /** A grip of constant size: round for a vertex, square for a corner or side. */
  #knob(at: Point, fill: string, stroke: string, round: boolean): void {
    const { x, y } = this.#device(at);
    const size = this.#palette.theme.handleSize * this.#view.ratio;
    const pen = this.#pen;
    this.#inDevice();
    pen.fillStyle = fill;
    pen.strokeStyle = stroke;
    pen.lineWidth = this.#view.ratio;
    pen.beginPath();
    if (round) pen.arc(x, y, size / 2, 0, FULL_CIRCLE);
    else pen.rect(x - size / 2, y - size / 2, size, size);
    pen.fill();
    pen.stroke();
  }

  #boundsOnly(bounds: Rect, color: string): void {
    const pen = this.#pen;
    pen.strokeStyle = color;
    pen.lineWidth = 1 / this.#view.scale;
    pen.strokeRect(
      bounds.minX,
      bounds.minY,
      bounds.maxX - bounds.minX,
      bounds.maxY - bounds.minY,
    );
  }

  #outline(shape: Shape, bounds: Rect, brush: Brush): void {
    outlineShape(this.#pen, shape, bounds, this.#scale, brush);
  }

  #brush(color: string, fillOpacity: number, strokeWidth: number): Brush {
    const { ratio } = this.#view;
    return {
      color,
      fillOpacity,
      strokeWidth: strokeWidth * ratio,
      dashed: false,
      marker: MARKER_RADIUS * ratio,
    };
  }

  #device(at: Point): Point {
    const screen = toScreen(this.#view, at);
    return { x: screen.x * this.#view.ratio, y: screen.y * this.#view.ratio };
  }

  #inImage(): void {
    aimPen(this.#pen, this.#view.x, this.#view.y, this.#scale);
  }

  #inDevice(): void {
    this.#pen.setTransform(1, 0, 0, 1, 0, 0);
  }
}
