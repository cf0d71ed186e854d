//! Tiles and their cache: which are needed, in which order they come, which stay.

import { describe, expect, it } from "vitest";
import { TileCache, type TileFailure } from "./tile-cache.ts";
import {
  levelFor,
  tileKey,
  tileRect,
  tilesIn,
  visibleTiles,
  type TileAddress,
  type TileImage,
  type TileSource,
} from "./tiles.ts";
import { fit, visibleRect, viewportOf } from "./viewport.ts";
import { intersects } from "../geometry/plane.ts";

/** A source whose tiles come when the test says so. */
class Slow implements TileSource {
  readonly tileSize = 512;
  readonly levels = [
    { width: 3000, height: 2000 },
    { width: 1500, height: 1000 },
    { width: 750, height: 500 },
    { width: 375, height: 250 },
  ];
  readonly asked: string[] = [];
  readonly aborted: string[] = [];
  readonly closed: string[] = [];
  readonly #waiting = new Map<string, { come(): void; fail(): void }>();

  get(level: number, x: number, y: number, signal: AbortSignal): Promise<TileImage> {
    const key = tileKey({ level, x, y });
    this.asked.push(key);
    signal.addEventListener("abort", () => this.aborted.push(key));
    return new Promise((resolve, reject) => {
      const tile = { width: 512, height: 512, close: () => this.closed.push(key) };
      this.#waiting.set(key, {
        come: () => resolve(tile as ImageBitmap),
        fail: () => reject(new Error("no such tile")),
      });
    });
  }

  async come(key: string): Promise<void> {
    this.#waiting.get(key)?.come();
    await Promise.resolve();
    await Promise.resolve();
  }
  async fail(key: string): Promise<void> {
    this.#waiting.get(key)?.fail();
    await Promise.resolve();
    await Promise.resolve();
  }
}

const view = (scale: number, x = 0, y = 0) => ({ ...viewportOf(800, 600, 1), scale, x, y });

function cacheOf(source: TileSource, limits = { tiles: 4, requests: 2 }) {
  const heard = { arrived: 0, failed: [] as TileFailure[] };
  const cache = new TileCache(source, limits, {
    arrived: () => heard.arrived++,
    failed: (failure) => heard.failed.push(failure),
  });
  return { cache, heard };
}

const row = (...columns: number[]): TileAddress[] => columns.map((x) => ({ level: 0, x, y: 0 }));

describe("levels", () => {
  it.each([
    [4, 0],
    [1, 0],
    [0.6, 0],
    [0.5, 1],
    [0.26, 2],
    [0.25, 2],
    [0.01, 3],
  ])("scale %s takes level %s", (scale, level) => {
    expect(levelFor(new Slow(), view(scale))).toBe(level);
  });

  it("a dense screen takes a finer level", () => {
    expect(levelFor(new Slow(), { ...view(0.5), ratio: 2 })).toBe(0);
  });
});

describe("tiles of a view", () => {
  it("are exactly those that it touches", () => {
    const source = new Slow();
    for (const [scale, x, y] of [[1, 0, 0], [1, 700, 300], [0.5, 0, 0], [2, 2900, 1900], [0.2, -500, 0]]) {
      const v = view(scale as number, x, y);
      const level = levelFor(source, v);
      const { width, height } = source.levels[level] as { width: number; height: number };
      const slow: string[] = [];
      for (let ty = 0; ty < Math.ceil(height / 512); ty++) {
        for (let tx = 0; tx < Math.ceil(width / 512); tx++) {
          const tile = { level, x: tx, y: ty };
          if (intersects(tileRect(source, tile), visibleRect(v))) slow.push(tileKey(tile));
        }
      }
      expect(visibleTiles(source, v).map(tileKey).sort()).toEqual(slow.sort());
    }
  });

  it("cover the image without gap or overlap", () => {
    const source = new Slow();
    source.levels.forEach((size, level) => {
      const everything = { minX: 0, minY: 0, maxX: 3000, maxY: 2000 };
      const area = tilesIn(source, level, everything)
        .map((tile) => tileRect(source, tile))
        .reduce((sum, r) => sum + (r.maxX - r.minX) * (r.maxY - r.minY), 0);
      expect(area).toBeCloseTo(3000 * 2000, 3);
      expect(size.width).toBeGreaterThan(0);
    });
  });

  it("the middle comes first", () => {
    const source = new Slow();
    const v = fit(viewportOf(3000, 2000, 1), { minX: 0, minY: 0, maxX: 3000, maxY: 2000 });
    const [first] = visibleTiles(source, v);
    expect(first && Math.abs(first.x - 2.5) + Math.abs(first.y - 1.5)).toBeLessThanOrEqual(1);
  });
});

describe("cache", () => {
  it("asks for a few at a time, in order", async () => {
    const source = new Slow();
    const { cache, heard } = cacheOf(source);
    cache.want(row(0, 1, 2));
    expect(source.asked).toEqual(["0/0/0", "0/1/0"]);
    await source.come("0/0/0");
    expect(source.asked).toEqual(["0/0/0", "0/1/0", "0/2/0"]);
    expect(heard.arrived).toBe(1);
    expect(cache.get({ level: 0, x: 0, y: 0 })).toBeDefined();
    expect(cache.get({ level: 0, x: 1, y: 0 })).toBeUndefined();
  });

  it("calls off what is no longer wanted, and drops it when it comes all the same", async () => {
    const source = new Slow();
    const { cache } = cacheOf(source);
    cache.want(row(0, 1));
    cache.want(row(1, 5));
    expect(source.aborted).toEqual(["0/0/0"]);
    await source.come("0/0/0");
    expect(cache.size).toBe(0);
    expect(source.closed).toEqual(["0/0/0"]);
  });

  it("lets the longest unseen go, never what is on the screen", async () => {
    const source = new Slow();
    const { cache } = cacheOf(source, { tiles: 2, requests: 9 });
    cache.want(row(0, 1));
    await source.come("0/0/0");
    await source.come("0/1/0");
    cache.get({ level: 0, x: 0, y: 0 });
    cache.want(row(2));
    await source.come("0/2/0");
    expect(source.closed).toEqual(["0/1/0"]);
    cache.want(row(2, 3, 4));
    await source.come("0/3/0");
    await source.come("0/4/0");
    expect(cache.size).toBe(3);
  });

  it("tells of a failure once, goes on, and asks again when told to", async () => {
    const source = new Slow();
    const { cache, heard } = cacheOf(source, { tiles: 4, requests: 1 });
    cache.want(row(0, 1));
    await source.fail("0/0/0");
    expect(heard.failed).toMatchObject([{ level: 0, x: 0, y: 0 }]);
    expect(source.asked).toEqual(["0/0/0", "0/1/0"]);
    cache.want(row(0, 1));
    expect(source.asked).toHaveLength(2);
    await source.come("0/1/0");
    cache.retry();
    expect(source.asked).toEqual(["0/0/0", "0/1/0", "0/0/0"]);
  });

  it("closed, it lets everything go", async () => {
    const source = new Slow();
    const { cache, heard } = cacheOf(source);
    cache.want(row(0, 1));
    await source.come("0/0/0");
    cache.close();
    expect(source.closed).toEqual(["0/0/0"]);
    await source.come("0/1/0");
    expect(source.closed).toEqual(["0/0/0", "0/1/0"]);
    expect(heard.arrived).toBe(1);
  });
});
