//! The stage: three canvases in a host element (backdrop, scene, overlay), repainted on the next
//! frame and only where something changed.

import type { Rect, Size } from "../geometry/plane.ts";
import { Backdrop } from "./backdrop.ts";
import { browserFrames, FrameLoop } from "./frame-loop.ts";
import { paintOverlay, type OverlayContent } from "./overlay.ts";
import type { Palette } from "./palette.ts";
import { Scene, type SceneContent } from "./scene.ts";
import { surfaceOf, type Surface } from "./surface.ts";
import type { TileFailure } from "./tile-cache.ts";
import type { TileSource } from "./tiles.ts";
import { resized, viewportOf, type Viewport } from "./viewport.ts";

/** What the stage asks its owner. */
export interface StageOwner {
  /** The overlay's content at the moment of painting. */
  overlay(): OverlayContent;
  /** The host has another size; the viewport is adapted already. */
  resized(before: Viewport, after: Viewport): void;
  tileFailed(failure: TileFailure): void;
}

/** The view counts as standing still so long after its last move, in milliseconds. */
const STILL_AFTER = 90;

/** How long the scene is painted in one frame, in milliseconds: while moving, and at rest. */
const BUDGET_MOVING = 4;
const BUDGET_STILL = 12;

type Layer = "backdrop" | "scene" | "overlay";

/** The canvases and what is on them. */
export class Stage {
  readonly #owner: StageOwner;
  readonly #host: HTMLElement;
  readonly #layers: Readonly<Record<Layer, HTMLCanvasElement>>;
  readonly #surfaces: Readonly<Record<Layer, Surface>>;
  readonly #backdrop: Backdrop;
  readonly #scene: Scene;
  readonly #frames: FrameLoop;
  readonly #observer: ResizeObserver;
  #palette: Palette;
  #view: Viewport;
  #lastMove = -Infinity;
  #wakeUp: ReturnType<typeof setTimeout> | undefined;
  readonly #dirty: Record<Layer, boolean> = { backdrop: true, scene: true, overlay: true };

  constructor(host: HTMLElement, palette: Palette, owner: StageOwner) {
    this.#owner = owner;
    this.#host = host;
    this.#palette = palette;
    const { clientWidth, clientHeight } = host;
    this.#view = viewportOf(clientWidth, clientHeight, window.devicePixelRatio || 1);
    this.#layers = { backdrop: addCanvas(host), scene: addCanvas(host), overlay: addCanvas(host) };
    this.#surfaces = {
      backdrop: surfaceOf(this.#layers.backdrop),
      scene: surfaceOf(this.#layers.scene),
      overlay: surfaceOf(this.#layers.overlay),
    };
    this.#backdrop = new Backdrop({
      arrived: () => this.#wish("backdrop"),
      failed: (failure) => owner.tileFailed(failure),
    });
    const make = (): Surface => surfaceOf(host.ownerDocument.createElement("canvas"));
    this.#scene = new Scene(make, () => performance.now());
    this.#frames = new FrameLoop(browserFrames, () => this.#paint());
    this.#observer = new ResizeObserver(() => this.#measure());
    this.#observer.observe(host);
    this.#adapt();
  }

  get view(): Viewport {
    return this.#view;
  }

  /** Looks elsewhere. */
  look(view: Viewport): void {
    if (view === this.#view) return;
    this.#view = view;
    this.#lastMove = performance.now();
    this.#backdrop.aim(view);
    this.#wish("backdrop", "scene", "overlay");
  }

  setPalette(palette: Palette): void {
    this.#palette = palette;
    this.#scene.invalidate();
    this.#wish("backdrop", "scene", "overlay");
  }

  /** Another image and other annotations. */
  show(tiles: TileSource | null, content: SceneContent | undefined): void {
    this.#backdrop.show(tiles);
    this.#backdrop.aim(this.#view);
    this.#scene.show(content);
    this.#wish("backdrop", "scene", "overlay");
  }

  /** The same image seen otherwise. */
  replaceTiles(tiles: TileSource | null): void {
    this.#backdrop.replace(tiles);
    this.#backdrop.aim(this.#view);
    this.#wish("backdrop");
  }

  /** Asks again for tiles that could not be had. */
  retryTiles(): void {
    this.#backdrop.retry();
  }

  /** A CSS filter over the image alone. */
  setBackdropFilter(css: string): void {
    this.#layers.backdrop.style.filter = css;
  }

  /** Annotations look different: all of them, or those in an area of the image. */
  sceneChanged(area?: Rect): void {
    if (area) this.#scene.invalidateArea(area);
    else this.#scene.invalidate();
    this.#wish("scene", "overlay");
  }

  overlayChanged(): void {
    this.#wish("overlay");
  }

  setCursor(cursor: string): void {
    this.#host.style.cursor = cursor;
  }

  destroy(): void {
    this.#frames.stop();
    clearTimeout(this.#wakeUp);
    this.#observer.disconnect();
    this.#backdrop.close();
    for (const canvas of Object.values(this.#layers)) canvas.remove();
  }

  #measure(): void {
    const { clientWidth, clientHeight } = this.#host;
    const ratio = window.devicePixelRatio || 1;
    const before = this.#view;
    if (before.width === clientWidth && before.height === clientHeight && before.ratio === ratio) {
      return;
    }
    this.#view = resized(before, clientWidth, clientHeight, ratio);
    this.#adapt();
    this.#owner.resized(before, this.#view);
    this.#backdrop.aim(this.#view);
    // A canvas that changes its size is empty: paint before the window shows it.
    this.#paint();
  }

  #adapt(): void {
    const { width, height } = deviceSize(this.#view);
    for (const surface of Object.values(this.#surfaces)) surface.resize(width, height);
    this.#dirty.backdrop = this.#dirty.scene = this.#dirty.overlay = true;
    this.#frames.wish();
  }

  #wish(...layers: Layer[]): void {
    for (const layer of layers) this.#dirty[layer] = true;
    this.#frames.wish();
  }

  #paint(): void {
    const sinceMove = performance.now() - this.#lastMove;
    const moving = sinceMove < STILL_AFTER;
    const budget = moving ? BUDGET_MOVING : BUDGET_STILL;
    if (this.#scene.work(this.#view, budget, moving)) this.#dirty.scene = true;
    if (this.#dirty.backdrop) this.#paintBackdrop();
    if (this.#dirty.scene) this.#paintScene();
    if (this.#dirty.overlay) this.#paintOverlay();
    this.#dirty.backdrop = this.#dirty.scene = this.#dirty.overlay = false;
    if (this.#scene.isPending(this.#view)) this.#goOn(moving ? STILL_AFTER - sinceMove : 0);
  }

  /** Comes back for the rest of the scene: on the next frame, or when the view has come to rest. */
  #goOn(after: number): void {
    if (after <= 0) {
      this.#frames.wish();
      return;
    }
    clearTimeout(this.#wakeUp);
    this.#wakeUp = setTimeout(() => this.#frames.wish(), after);
  }

  #paintBackdrop(): void {
    const { pen, width, height } = clear(this.#surfaces.backdrop);
    pen.fillStyle = this.#palette.theme.background;
    pen.fillRect(0, 0, width, height);
    this.#backdrop.paint(pen, this.#view);
    // Tiles that are at hand again after an eviction, or new ones wanted by the size.
    this.#backdrop.aim(this.#view);
  }

  #paintScene(): void {
    const { pen } = clear(this.#surfaces.scene);
    this.#scene.paint(pen, this.#view);
  }

  #paintOverlay(): void {
    const { pen } = clear(this.#surfaces.overlay);
    paintOverlay(pen, this.#view, this.#owner.overlay(), this.#palette);
  }
}

function clear(surface: Surface): Surface {
  surface.pen.setTransform(1, 0, 0, 1, 0, 0);
  surface.pen.clearRect(0, 0, surface.width, surface.height);
  return surface;
}

function deviceSize(v: Viewport): Size {
  return { width: Math.round(v.width * v.ratio), height: Math.round(v.height * v.ratio) };
}

function addCanvas(host: HTMLElement): HTMLCanvasElement {
  const canvas = host.ownerDocument.createElement("canvas");
  // The object list says what the canvas shows.
  canvas.setAttribute("aria-hidden", "true");
  const { style } = canvas;
  style.position = "absolute";
  style.inset = "0";
  style.width = "100%";
  style.height = "100%";
  style.pointerEvents = "none";
  host.append(canvas);
  return canvas;
}
