//! The backdrop: the image itself, tile by tile. Where a tile is still on its way, the part of a
//! coarser one stands in for it. Above 100 % pixels stay crisp squares.

import type { Rect } from "../geometry/plane.ts";
import type { Pen } from "./surface.ts";
import { TileCache, type TileEvents, type TileLimits } from "./tile-cache.ts";
import {
  levelFor,
  levelScale,
  tileRect,
  tilesIn,
  visibleTiles,
  type TileAddress,
  type TileImage,
  type TileSource,
} from "./tiles.ts";
import { visibleRect, type Viewport } from "./viewport.ts";

/** Tiles kept and requests at a time unless told otherwise. */
export const TILE_LIMITS: TileLimits = { tiles: 192, requests: 6 };

/** Draws the tiles of one image, and sees to it that they come. */
export class Backdrop {
  readonly #limits: TileLimits;
  readonly #events: TileEvents;
  #cache: TileCache | undefined;
  // Shown until the tiles of a new source are there, so that a new stretch does not flash.
  #previous: TileCache | undefined;

  constructor(events: TileEvents, limits: TileLimits = TILE_LIMITS) {
    this.#events = events;
    this.#limits = limits;
  }

  /** Another image. */
  show(source: TileSource | null): void {
    this.close();
    if (source) this.#cache = new TileCache(source, this.#limits, this.#events);
  }

  /** The same image seen otherwise: the old tiles stay until the new ones come. */
  replace(source: TileSource | null): void {
    if (!source || !this.#cache) return this.show(source);
    this.#previous?.close();
    this.#previous = this.#cache;
    this.#previous.want([]);
    this.#cache = new TileCache(source, this.#limits, this.#events);
  }

  close(): void {
    this.#cache?.close();
    this.#previous?.close();
    this.#cache = undefined;
    this.#previous = undefined;
  }

  /** Asks again for tiles that could not be had. */
  retry(): void {
    this.#cache?.retry();
  }

  /** Asks for the tiles that the view shows. Call it whenever the view has changed. */
  aim(v: Viewport): void {
    const cache = this.#cache;
    if (!cache) return;
    const wanted = visibleTiles(cache.source, v);
    const coarsest = cache.source.levels.length - 1;
    const missing = wanted.some((tile) => !cache.get(tile));
    // The coarsest level stands in for everything: it comes first, and few tiles make it.
    const first = missing ? tilesIn(cache.source, coarsest, visibleRect(v)) : [];
    cache.want(first.length <= 4 ? [...first, ...wanted] : wanted);
  }

  /** Paints onto a pen without a transform; the canvas is clear. Device pixels. */
  paint(pen: Pen, v: Viewport): void {
    const cache = this.#cache;
    if (!cache) return;
    const complete = this.#paintFrom(cache, pen, v, this.#previous);
    if (complete && this.#previous) {
      this.#previous.close();
      this.#previous = undefined;
    }
  }

  #paintFrom(cache: TileCache, pen: Pen, v: Viewport, fallback?: TileCache): boolean {
    let complete = true;
    for (const tile of tilesIn(cache.source, levelFor(cache.source, v), visibleRect(v))) {
      const image = cache.get(tile);
      const area = tileRect(cache.source, tile);
      if (image) {
        paintPart(pen, v, image, area, area, cache.source, tile);
        continue;
      }
      complete = false;
      const shown =
        (fallback && paintStandIn(pen, v, fallback, area, tile.level)) ||
        paintStandIn(pen, v, cache, area, tile.level + 1);
      if (!shown && fallback) paintStandIn(pen, v, fallback, area, tile.level + 1);
    }
    return complete;
  }
}

/** Paints `area` from the finest tiles at hand of `level` or coarser that cover it. */
function paintStandIn(
  pen: Pen,
  v: Viewport,
  cache: TileCache,
  area: Rect,
  level: number,
): boolean {
  for (let coarser = level; coarser < cache.source.levels.length; coarser++) {
    const parents = tilesIn(cache.source, coarser, area);
    const images = parents.map((tile) => cache.get(tile));
    if (parents.length === 0 || images.some((image) => !image)) continue;
    parents.forEach((tile, i) => {
      const whole = tileRect(cache.source, tile);
      const part = {
        minX: Math.max(area.minX, whole.minX),
        minY: Math.max(area.minY, whole.minY),
        maxX: Math.min(area.maxX, whole.maxX),
        maxY: Math.min(area.maxY, whole.maxY),
      };
      const image = images[i];
      if (image) paintPart(pen, v, image, part, whole, cache.source, tile);
    });
    return true;
  }
  return false;
}

/** Paints the `part` of the image that `tile` shows, whose own place is `whole`. */
function paintPart(
  pen: Pen,
  v: Viewport,
  image: TileImage,
  part: Rect,
  whole: Rect,
  source: TileSource,
  tile: TileAddress,
): void {
  const scale = levelScale(source, tile.level);
  const device = v.scale * v.ratio;
  // Edges on whole device pixels: neighbours meet without a seam.
  const left = Math.round((part.minX - v.x) * device);
  const top = Math.round((part.minY - v.y) * device);
  const right = Math.round((part.maxX - v.x) * device);
  const bottom = Math.round((part.maxY - v.y) * device);
  if (right <= left || bottom <= top) return;
  pen.imageSmoothingEnabled = tile.level > 0 || device < 1;
  pen.drawImage(
    image,
    (part.minX - whole.minX) * scale.x,
    (part.minY - whole.minY) * scale.y,
    (part.maxX - part.minX) * scale.x,
    (part.maxY - part.minY) * scale.y,
    left,
    top,
    right - left,
    bottom - top,
  );
}
