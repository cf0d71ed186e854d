//! Tiles as images, a few hundred kept: what was prefetched for the next item is there when its
//! canvas asks.

import type { TileSource } from "../../editor/index.ts";
import { backend, type OpenItem, type Rendering, type SessionView } from "../../ipc/backend.ts";

const KEPT = 256;

export class TileStore {
  #images = new Map<string, Promise<HTMLImageElement>>();

  /** The tiles of an item, rendered as asked; none when its media is not here. */
  source(
    session: SessionView,
    project: string,
    item: OpenItem,
    look: Rendering,
  ): TileSource | null {
    if (!item.has_media) return null;
    const address = (level: number, x: number, y: number) =>
      backend().tile(session, { project, item: item.id, level, x, y }, look);
    return {
      tileSize: item.tile_size,
      levels: item.levels,
      get: (level, x, y, signal) => this.#get(address(level, x, y), signal),
    };
  }

  /** Loads the tiles that a canvas of this size (device pixels) shows first. */
  warm(source: TileSource, width: number, height: number): void {
    const full = source.levels[0];
    if (!full) return;
    const needed = Math.min(1, width / full.width, height / full.height) * 0.9;
    const level = source.levels.findLastIndex((one) => one.width / full.width >= needed);
    const shown = source.levels[level];
    if (!shown) return;
    const columns = Math.ceil(shown.width / source.tileSize);
    const rows = Math.ceil(shown.height / source.tileSize);
    for (let y = 0; y < rows; y += 1) {
      for (let x = 0; x < columns; x += 1) {
        source.get(level, x, y, NEVER).catch(() => undefined);
      }
    }
  }

  clear(): void {
    this.#images.clear();
  }

  #get(url: string, signal: AbortSignal): Promise<HTMLImageElement> {
    const here = this.#images.get(url);
    if (here) {
      // Asked again: it is young again.
      this.#images.delete(url);
      this.#images.set(url, here);
      return here;
    }
    const coming = load(url, signal);
    this.#images.set(url, coming);
    const forget = () => {
      if (this.#images.get(url) === coming) this.#images.delete(url);
    };
    // At once: whoever asks next starts anew and does not share the end of this one.
    signal.addEventListener("abort", forget, { once: true });
    coming.then(() => signal.removeEventListener("abort", forget), forget);
    for (const old of this.#images.keys()) {
      if (this.#images.size <= KEPT) break;
      this.#images.delete(old);
    }
    return coming;
  }
}

const NEVER = new AbortController().signal;

async function load(url: string, signal: AbortSignal): Promise<HTMLImageElement> {
  const image = new Image();
  image.decoding = "async";
  let stop = () => {};
  // WebKit never settles the decoding of an image whose address was taken away.
  const stopped = new Promise<never>((_, refuse) => {
    stop = () => {
      image.src = "";
      refuse(new DOMException("no longer wanted", "AbortError"));
    };
  });
  signal.addEventListener("abort", stop, { once: true });
  try {
    image.src = url;
    await Promise.race([image.decode(), stopped]);
    return image;
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
