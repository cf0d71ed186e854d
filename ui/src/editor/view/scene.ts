//! The scene: all annotations at rest, kept as a bitmap.
//!
//! While the view moves the bitmap is only shifted and scaled. When it stands still, or has moved
//! past what the bitmap covers, the scene is painted anew beside the old one, a few milliseconds a
//! frame, and takes its place when complete. A small edit repaints its own patch of the bitmap.
//! What the view does not show is culled by the document's R-tree.

import type { Annotation } from "../document/annotation.ts";
import { clamp, contains, grow, intersects, type Rect } from "../geometry/plane.ts";
import { kindOf } from "../shapes/index.ts";
import { aimPen, paintShape, type Brush } from "./paint-shape.ts";
import type { MakeSurface, Pen, Surface } from "./surface.ts";
import { visibleRect, type Viewport } from "./viewport.ts";

/** What the scene shows. */
export interface SceneContent {
  /** Annotations that touch the rectangle and are to be drawn here, bottom to top. */
  search(area: Rect): readonly Annotation[];
  /** How to paint one; lengths in device pixels. */
  brush(annotation: Annotation): Brush;
  /** How far any brush reaches beyond bounds, in device pixels. */
  overhang(): number;
}

/** A bitmap and what it shows. */
interface Sheet {
  readonly surface: Surface;
  /** In image pixels; its corner lies at the bitmap's device pixel (0, 0). */
  readonly area: Rect;
  /** Device pixels per image pixel. */
  readonly scale: number;
}

/** A sheet being painted. */
interface Job {
  readonly sheet: Sheet;
  readonly annotations: readonly Annotation[];
  next: number;
}

/** How much is painted beyond each side of the view, as a share of its width and height. */
const MARGIN = 0.25;

/** Up to so many annotations are repainted at once after an edit; more are painted anew. */
const PATCH_LIMIT = 400;

/** So many annotations are painted between two looks at the clock. */
const BATCH = 16;

/**
 * How many annotations are painted for each millisecond of the budget: what has been measured, kept
 * between these. A busy machine must not bring the pace down to where drying costs more than
 * painting.
 */
const SLOWEST_PACE = 35;
const FASTEST_PACE = 120;

/** The static layer. */
export class Scene {
  readonly #make: MakeSurface;
  readonly #now: () => number;
  #content: SceneContent | undefined;
  #front: Sheet | undefined;
  #spare: Surface | undefined;
  #job: Job | undefined;
  #stale = true;
  #pace = SLOWEST_PACE;
  #blotter: Surface | undefined;

  /** `now` tells milliseconds; only differences count. */
  constructor(make: MakeSurface, now: () => number) {
    this.#make = make;
    this.#now = now;
  }

  /** Other content altogether: nothing of the old one stays. */
  show(content: SceneContent | undefined): void {
    this.#content = content;
    this.#job = undefined;
    if (this.#front) this.#spare = this.#front.surface;
    this.#front = undefined;
    this.#stale = true;
  }

  /** Everything may look different; the old picture stays until the new one is painted. */
  invalidate(): void {
    this.#job = undefined;
    this.#stale = true;
  }

  /** This part of the image looks different: it is repainted at once when that is little work. */
  invalidateArea(area: Rect): void {
    // A job in progress may have painted the old state already.
    if (this.#job) this.invalidate();
    if (!this.#front || !this.#patch(this.#front, area)) this.#stale = true;
  }

  /** Whether the picture is not yet what the view asks for. */
  isPending(v: Viewport): boolean {
    return this.#content !== undefined && (this.#job !== undefined || !this.#fits(v));
  }

  /**
   * Works for about `budget` milliseconds. While the view is `moving` only what it has moved past
   * is painted; the rest waits. Returns whether the picture has changed.
   */
  work(v: Viewport, budget: number, moving: boolean): boolean {
    if (!this.#content) return false;
    if (this.#job && !intersects(this.#job.sheet.area, visibleRect(v))) this.#job = undefined;
    if (!this.#job) {
      const wanted = moving ? !this.#covers(v) : !this.#fits(v);
      if (!wanted) return false;
      this.#job = this.#begin(this.#content, v);
    }
    return this.#continue(this.#content, this.#job, budget);
  }

  /** Puts the bitmap where the view wants it; `pen` has no transform. */
  paint(pen: Pen, v: Viewport): void {
    const front = this.#front;
    if (!front) return;
    const device = v.scale * v.ratio;
    const zoom = device / front.scale;
    const x = (front.area.minX - v.x) * device;
    const y = (front.area.minY - v.y) * device;
    const { image, width, height } = front.surface;
    pen.imageSmoothingEnabled = zoom !== 1;
    if (zoom === 1) pen.drawImage(image, Math.round(x), Math.round(y));
    else pen.drawImage(image, x, y, width * zoom, height * zoom);
  }

  /** The picture shows all that the view sees, at its scale, as it is now. */
  #fits(v: Viewport): boolean {
    return !this.#stale && this.#covers(v) && this.#front?.scale === v.scale * v.ratio;
  }

  #covers(v: Viewport): boolean {
    return this.#front !== undefined && contains(this.#front.area, visibleRect(v));
  }

  #begin(content: SceneContent, v: Viewport): Job {
    const seen = visibleRect(v);
    const scale = v.scale * v.ratio;
    const marginX = Math.ceil(v.width * v.ratio * MARGIN);
    const marginY = Math.ceil(v.height * v.ratio * MARGIN);
    const width = Math.ceil(v.width * v.ratio) + 2 * marginX;
    const height = Math.ceil(v.height * v.ratio) + 2 * marginY;
    const minX = seen.minX - marginX / scale;
    const minY = seen.minY - marginY / scale;
    const area = { minX, minY, maxX: minX + width / scale, maxY: minY + height / scale };
    const surface = this.#spare ?? this.#make();
    this.#spare = undefined;
    surface.resize(width, height);
    surface.pen.setTransform(1, 0, 0, 1, 0, 0);
    surface.pen.clearRect(0, 0, width, height);
    const sheet = { surface, area, scale };
    this.#stale = false;
    return { sheet, annotations: found(content, sheet, area), next: 0 };
  }

  #continue(content: SceneContent, job: Job, budget: number): boolean {
    const { sheet, annotations } = job;
    const start = this.#now();
    const first = job.next;
    const last = Math.min(annotations.length, first + this.#pace * budget);
    aimPen(sheet.surface.pen, sheet.area.minX, sheet.area.minY, sheet.scale);
    do {
      const until = Math.min(job.next + BATCH, annotations.length);
      for (; job.next < until; job.next++) {
        paintOne(content, sheet, annotations[job.next] as Annotation);
      }
    } while (job.next < last && this.#now() - start < budget);
    this.#dry(sheet);
    const measured = (job.next - first) / Math.max(this.#now() - start, 1);
    this.#pace = clamp(measured, SLOWEST_PACE, FASTEST_PACE);
    if (job.next < annotations.length) return false;
    this.#spare = this.#front?.surface;
    this.#front = sheet;
    this.#job = undefined;
    return true;
  }

  /**
   * Browsers only note down what is drawn and carry it out when the bitmap is first used. Using one
   * pixel of it now keeps the work of all slices from falling into the last one.
   */
  #dry(sheet: Sheet): void {
    this.#blotter ??= this.#make();
    this.#blotter.resize(1, 1);
    this.#blotter.pen.drawImage(sheet.surface.image, 0, 0, 1, 1, 0, 0, 1, 1);
  }

  #patch(sheet: Sheet, changed: Rect): boolean {
    const content = this.#content;
    if (!content) return true;
    const { surface, area, scale } = sheet;
    const dirty = grow(changed, content.overhang() / scale);
    // Whole device pixels: what is cleared and what is painted end at the same edge.
    const left = Math.max(0, Math.floor((dirty.minX - area.minX) * scale));
    const top = Math.max(0, Math.floor((dirty.minY - area.minY) * scale));
    const right = Math.min(surface.width, Math.ceil((dirty.maxX - area.minX) * scale));
    const bottom = Math.min(surface.height, Math.ceil((dirty.maxY - area.minY) * scale));
    if (right <= left || bottom <= top) return true;
    const patch = {
      minX: area.minX + left / scale,
      minY: area.minY + top / scale,
      maxX: area.minX + right / scale,
      maxY: area.minY + bottom / scale,
    };
    const annotations = found(content, sheet, patch);
    if (annotations.length > PATCH_LIMIT) return false;
    const { pen } = surface;
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.save();
    pen.beginPath();
    pen.rect(left, top, right - left, bottom - top);
    pen.clip();
    pen.clearRect(left, top, right - left, bottom - top);
    aimPen(pen, area.minX, area.minY, scale);
    for (const annotation of annotations) paintOne(content, sheet, annotation);
    pen.restore();
    return true;
  }
}

function found(content: SceneContent, sheet: Sheet, area: Rect): readonly Annotation[] {
  return content.search(grow(area, content.overhang() / sheet.scale));
}

function paintOne(content: SceneContent, sheet: Sheet, annotation: Annotation): void {
  const { shape } = annotation;
  const bounds = kindOf(shape).bounds(shape);
  paintShape(sheet.surface.pen, shape, bounds, sheet.scale, content.brush(annotation));
}
