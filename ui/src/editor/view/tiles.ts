//! Tiles: how an image is cut up at several sizes, and which tiles a view needs.

import type { Rect, Size } from "../geometry/plane.ts";
import type { Viewport } from "./viewport.ts";
import { visibleRect } from "./viewport.ts";

/** A decoded tile. */
export type TileImage = ImageBitmap | HTMLImageElement;

/** Where tiles come from. */
export interface TileSource {
  /** Width and height of a tile, in pixels of its level; those at the far edges are smaller. */
  readonly tileSize: number;
  /** Level 0 is the full resolution, each further one smaller. */
  readonly levels: readonly Size[];
  /** One tile by level, column and row. */
  get(level: number, x: number, y: number, signal: AbortSignal): Promise<TileImage>;
}

/** A tile's place. */
export interface TileAddress {
  readonly level: number;
  readonly x: number;
  readonly y: number;
}

/** A name for the tile, unique within its source. */
export function tileKey({ level, x, y }: TileAddress): string {
  return `${level}/${x}/${y}`;
}

/** Pixels of the level per image pixel, to the right and down. */
export function levelScale(source: TileSource, level: number): { x: number; y: number } {
  const full = source.levels[0];
  const size = source.levels[level];
  if (!full || !size) return { x: 1, y: 1 };
  return { x: size.width / full.width, y: size.height / full.height };
}

/**
 * The coarsest level that still has about one pixel for every device pixel. A tenth less is not
 * seen and saves three quarters of the tiles.
 */
export function levelFor(source: TileSource, v: Viewport): number {
  const needed = Math.min(1, v.scale * v.ratio) * 0.9;
  for (let level = source.levels.length - 1; level > 0; level--) {
    if (levelScale(source, level).x >= needed) return level;
  }
  return 0;
}

/** The part of the image that a tile shows, in image pixels. */
export function tileRect(source: TileSource, { level, x, y }: TileAddress): Rect {
  const scale = levelScale(source, level);
  const size = source.levels[level] ?? { width: 0, height: 0 };
  const edge = source.tileSize;
  return {
    minX: (x * edge) / scale.x,
    minY: (y * edge) / scale.y,
    maxX: Math.min((x + 1) * edge, size.width) / scale.x,
    maxY: Math.min((y + 1) * edge, size.height) / scale.y,
  };
}

/** The tiles of a level that an area touches, those nearest to its middle first. */
export function tilesIn(source: TileSource, level: number, area: Rect): TileAddress[] {
  const size = source.levels[level];
  if (!size) return [];
  const scale = levelScale(source, level);
  const edge = source.tileSize;
  const lastX = Math.ceil(size.width / edge) - 1;
  const lastY = Math.ceil(size.height / edge) - 1;
  const fromX = Math.max(0, Math.floor((area.minX * scale.x) / edge));
  const fromY = Math.max(0, Math.floor((area.minY * scale.y) / edge));
  const toX = Math.min(lastX, Math.ceil((area.maxX * scale.x) / edge) - 1);
  const toY = Math.min(lastY, Math.ceil((area.maxY * scale.y) / edge) - 1);
  const found: TileAddress[] = [];
  for (let y = fromY; y <= toY; y++) for (let x = fromX; x <= toX; x++) found.push({ level, x, y });
  const middle = { x: (fromX + toX) / 2, y: (fromY + toY) / 2 };
  const away = (t: TileAddress): number => Math.hypot(t.x - middle.x, t.y - middle.y);
  return found.sort((a, b) => away(a) - away(b));
}

/** The tiles that a view shows. */
export function visibleTiles(source: TileSource, v: Viewport): TileAddress[] {
  return tilesIn(source, levelFor(source, v), visibleRect(v));
}
