//! The backdrop: tiles in their places, stand-ins while loading, crisp pixels above 100 %.

import { describe, expect, it } from "vitest";
import { RecordingSurface } from "../testing/recording-surface.ts";
import { Backdrop } from "./backdrop.ts";
import { tileKey, type TileImage, type TileSource } from "./tiles.ts";
import { viewportOf, type Viewport } from "./viewport.ts";

/** A 1024 x 1024 image in two levels, whose tiles come when told to. */
function source(name: string) {
  const waiting = new Map<string, (tile: TileImage) => void>();
  const tiles: TileSource & { come(key: string): Promise<void> } = {
    tileSize: 512,
    levels: [
      { width: 1024, height: 1024 },
      { width: 512, height: 512 },
    ],
    get: (level, x, y) =>
      new Promise((resolve) => waiting.set(tileKey({ level, x, y }), resolve)),
    come: async (key) => {
      waiting.get(key)?.({ name: `${name}${key}`, close: () => undefined } as unknown as ImageBitmap);
      for (let i = 0; i < 4; i++) await Promise.resolve();
    },
  };
  return tiles;
}

function backdrop() {
  return new Backdrop({ arrived: () => undefined, failed: () => undefined });
}

const view = (scale: number, x = 0, y = 0): Viewport => ({ ...viewportOf(512, 512, 1), scale, x, y });

function painted(of: Backdrop, v: Viewport) {
  const screen = new RecordingSurface();
  of.aim(v);
  of.paint(screen.pen, v);
  return screen.named("drawImage").map(({ args, smooth }) => ({
    tile: (args[0] as { name: string }).name,
    from: args.slice(1, 5),
    to: args.slice(5),
    smooth,
  }));
}

describe("tiles", () => {
  it("go where they belong, edge to edge", async () => {
    const tiles = source("");
    const shown = backdrop();
    shown.show(tiles);
    const v = view(1, 256, 0);
    expect(painted(shown, v)).toEqual([]);
    for (const key of ["0/0/0", "0/1/0"]) await tiles.come(key);
    expect(painted(shown, v)).toEqual([
      { tile: "0/0/0", from: [0, 0, 512, 512], to: [-256, 0, 512, 512], smooth: false },
      { tile: "0/1/0", from: [0, 0, 512, 512], to: [256, 0, 512, 512], smooth: false },
    ]);
  });

  it("a coarser one stands in for those on their way", async () => {
    const tiles = source("");
    const shown = backdrop();
    shown.show(tiles);
    const v = view(1);
    painted(shown, v);
    await tiles.come("1/0/0");
    expect(painted(shown, v)).toEqual([
      { tile: "1/0/0", from: [0, 0, 256, 256], to: [0, 0, 512, 512], smooth: true },
    ]);
    await tiles.come("0/0/0");
    expect(painted(shown, v).map((p) => p.tile)).toEqual(["0/0/0"]);
  });

  it("are crisp at and above 100 %, smooth below", async () => {
    const tiles = source("");
    const shown = backdrop();
    shown.show(tiles);
    painted(shown, view(4));
    await tiles.come("0/0/0");
    expect(painted(shown, view(4))[0]?.smooth).toBe(false);
    expect(painted(shown, view(0.95))[0]?.smooth).toBe(true);
  });

  it("old ones stay until those of another stretch are there", async () => {
    const [before, after] = [source("old "), source("new ")];
    const shown = backdrop();
    shown.show(before);
    const v = view(1);
    painted(shown, v);
    await before.come("0/0/0");
    shown.replace(after);
    expect(painted(shown, v).map((p) => p.tile)).toEqual(["old 0/0/0"]);
    await after.come("1/0/0");
    await after.come("0/0/0");
    expect(painted(shown, v).map((p) => p.tile)).toEqual(["new 0/0/0"]);
  });

  it("another image shows nothing of the last one", async () => {
    const before = source("old ");
    const shown = backdrop();
    shown.show(before);
    painted(shown, view(1));
    await before.come("0/0/0");
    shown.show(source("new "));
    expect(painted(shown, view(1))).toEqual([]);
  });
});
