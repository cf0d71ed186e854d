//! The tiles at hand and on their way: a bounded number of requests, the wanted ones first, and a
//! bounded number of tiles, the longest unseen leave first.

import { tileKey, type TileAddress, type TileImage, type TileSource } from "./tiles.ts";

/** How many tiles are kept (a tile of 512 x 512 takes 1 MiB) and requested at a time. */
export interface TileLimits {
  readonly tiles: number;
  readonly requests: number;
}

/** A tile that could not be had. */
export interface TileFailure extends TileAddress {
  readonly error: unknown;
}

/** What the cache tells its owner. */
export interface TileEvents {
  arrived(): void;
  failed(failure: TileFailure): void;
}

/** The tiles of one source. */
export class TileCache {
  readonly source: TileSource;
  readonly #limits: TileLimits;
  readonly #events: TileEvents;
  // Insertion order is order of use: the first is the longest unseen.
  readonly #tiles = new Map<string, TileImage>();
  readonly #running = new Map<string, AbortController>();
  readonly #failed = new Set<string>();
  #wanted: readonly TileAddress[] = [];
  #closed = false;

  constructor(source: TileSource, limits: TileLimits, events: TileEvents) {
    this.source = source;
    this.#limits = limits;
    this.#events = events;
  }

  /** The tile if it is at hand; that counts as use. */
  get(address: TileAddress): TileImage | undefined {
    const key = tileKey(address);
    const tile = this.#tiles.get(key);
    if (!tile) return undefined;
    this.#tiles.delete(key);
    this.#tiles.set(key, tile);
    return tile;
  }

  /** How many tiles are at hand. */
  get size(): number {
    return this.#tiles.size;
  }

  /** Whether tiles that were asked for are still to come. */
  get isLoading(): boolean {
    return this.#running.size > 0;
  }

  /** What to have, the most urgent first. Requests for anything else are called off. */
  want(addresses: readonly TileAddress[]): void {
    this.#wanted = addresses;
    const keys = new Set(addresses.map(tileKey));
    for (const [key, controller] of this.#running) {
      if (keys.has(key)) continue;
      this.#running.delete(key);
      controller.abort();
    }
    this.#fill();
  }

  /** Asks again for tiles that could not be had. */
  retry(): void {
    this.#failed.clear();
    this.#fill();
  }

  /** Calls everything off and lets the tiles go. */
  close(): void {
    this.#closed = true;
    for (const controller of this.#running.values()) controller.abort();
    this.#running.clear();
    for (const tile of this.#tiles.values()) release(tile);
    this.#tiles.clear();
  }

  #fill(): void {
    for (const address of this.#wanted) {
      if (this.#running.size >= this.#limits.requests) return;
      const key = tileKey(address);
      if (this.#tiles.has(key) || this.#running.has(key) || this.#failed.has(key)) continue;
      void this.#load(address, key);
    }
  }

  async #load(address: TileAddress, key: string): Promise<void> {
    const controller = new AbortController();
    this.#running.set(key, controller);
    // Another request for the same tile may have taken this one's place meanwhile.
    const isCurrent = (): boolean => !this.#closed && this.#running.get(key) === controller;
    try {
      const { level, x, y } = address;
      const tile = await this.source.get(level, x, y, controller.signal);
      if (!isCurrent()) {
        release(tile);
        return;
      }
      this.#running.delete(key);
      this.#keep(key, tile);
      this.#events.arrived();
    } catch (error) {
      if (!isCurrent()) return;
      this.#running.delete(key);
      this.#failed.add(key);
      this.#events.failed({ ...address, error });
    }
    this.#fill();
  }

  #keep(key: string, tile: TileImage): void {
    this.#tiles.set(key, tile);
    // What is on the screen now stays, however small the limit.
    const onScreen = new Set(this.#wanted.map(tileKey));
    for (const [old, image] of this.#tiles) {
      if (this.#tiles.size <= this.#limits.tiles) return;
      if (onScreen.has(old)) continue;
      this.#tiles.delete(old);
      release(image);
    }
  }
}

function release(tile: TileImage): void {
  if ("close" in tile) tile.close();
}
