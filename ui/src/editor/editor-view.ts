//! The editor's view: which part of the image is seen, on which stage, and how the workbench is
//! shown there. Without a host it keeps the viewport and draws nothing.

import type { ViewControls } from "./commands/target.ts";
import type { Annotation } from "./document/annotation.ts";
import type { EditorItem } from "./document/document.ts";
import { clampToImage, union, type Point, type Rect } from "./geometry/plane.ts";
import { Input, type WheelHabit } from "./input.ts";
import { kindOf } from "./shapes/index.ts";
import type { ViewMove } from "./tools/index.ts";
import type { OverlayContent } from "./view/overlay.ts";
import { MARKER_RADIUS, overhang, type Brush } from "./view/paint-shape.ts";
import { Palette } from "./view/palette.ts";
import type { SceneContent } from "./view/scene.ts";
import { Stage } from "./view/stage.ts";
import type { EditorTheme, LabelStyle } from "./view/theme.ts";
import type { TileFailure } from "./view/tile-cache.ts";
import type { TileSource } from "./view/tiles.ts";
import * as viewports from "./view/viewport.ts";
import type { Viewport } from "./view/viewport.ts";
import { SELECTED_IN_SCENE, type Workbench } from "./workbench/workbench.ts";

/** What the view tells. */
export interface ViewEvents {
  view: Viewport;
  tileError: TileFailure;
}

interface Listener {
  view(viewport: Viewport): void;
  tileError(failure: TileFailure): void;
  /** The pointer in image pixels; `null` outside the image. */
  pointer(at: Point | null): void;
}

/** A single small annotation is not blown up beyond this when it is fitted. */
const CLOSE_UP = 8;

/** See the module. */
export class EditorView implements ViewControls {
  readonly #workbench: Workbench;
  readonly #listener: Listener;
  #theme: EditorTheme;
  #labels: readonly LabelStyle[] = [];
  #palette: Palette;
  #item: EditorItem | null = null;
  #tiles: TileSource | null = null;
  #stage: Stage | undefined;
  #input: Input | undefined;
  #viewport: Viewport = viewports.viewportOf(1, 1, 1);
  // Fitted views stay fitted when the window changes its size.
  #fitted = true;
  #wheel: WheelHabit = "zoom";
  #filter = "";
  #crosshair = true;
  #pointer: Point | null = null;
  #keyPointer: Point | null = null;

  constructor(workbench: Workbench, theme: EditorTheme, listener: Listener) {
    this.#workbench = workbench;
    this.#theme = theme;
    this.#palette = new Palette(theme, []);
    this.#listener = listener;
  }

  get viewport(): Viewport {
    return this.#viewport;
  }

  mount(host: HTMLElement): void {
    this.destroy();
    if (!host.hasAttribute("tabindex")) host.tabIndex = 0;
    host.style.touchAction = "none";
    const stage = new Stage(host, this.#palette, {
      overlay: () => this.#overlay(),
      resized: (_before, after) => this.#resized(after),
      tileFailed: (failure) => this.#listener.tileError(failure),
    });
    this.#stage = stage;
    this.#viewport = stage.view;
    stage.setCursor(this.#workbench.cursor);
    stage.setBackdropFilter(this.#filter);
    this.#input = new Input(host, {
      toImage: (screen) => viewports.toImage(this.#viewport, screen),
      tool: (event) => {
        this.#keyPointer = null;
        this.#workbench.dispatch(event);
      },
      pan: (dx, dy) => this.move({ type: "pan", dx, dy }),
      zoomAt: (at, factor) => this.#zoomAt(at, factor),
      pointer: (screen) => this.#pointed(screen),
      panning: (active) => stage.setCursor(active ? "grabbing" : this.#workbench.cursor),
    });
    this.#input.setWheel(this.#wheel);
    this.open(this.#item, this.#tiles);
  }

  destroy(): void {
    this.#input?.destroy();
    this.#stage?.destroy();
    this.#input = undefined;
    this.#stage = undefined;
  }

  open(item: EditorItem | null, tiles: TileSource | null): void {
    this.#item = item;
    this.#tiles = tiles;
    this.#keyPointer = null;
    this.fit();
    this.#stage?.show(tiles, item ? this.#sceneContent() : undefined);
  }

  setTiles(tiles: TileSource | null): void {
    this.#tiles = tiles;
    this.#stage?.replaceTiles(tiles);
  }

  retryTiles(): void {
    this.#stage?.retryTiles();
  }

  setTheme(theme: EditorTheme): void {
    this.#theme = theme;
    this.#repalette();
  }

  setLabels(labels: readonly LabelStyle[]): void {
    this.#labels = labels;
    this.#repalette();
  }

  setWheel(habit: WheelHabit): void {
    this.#wheel = habit;
    this.#input?.setWheel(habit);
  }

  setBackdropFilter(css: string): void {
    this.#filter = css;
    this.#stage?.setBackdropFilter(css);
  }

  setCrosshair(shown: boolean): void {
    this.#crosshair = shown;
    this.overlayChanged();
  }

  toggleCrosshair(): void {
    this.setCrosshair(!this.#crosshair);
  }

  setCursor(cursor: string): void {
    this.#stage?.setCursor(cursor);
  }

  overlayChanged(): void {
    this.#stage?.overlayChanged();
  }

  sceneChanged(area?: Rect): void {
    this.#stage?.sceneChanged(area);
  }

  move(move: ViewMove): void {
    const item = this.#item;
    if (!item) return;
    switch (move.type) {
      case "pan":
        this.#look(viewports.panBy(this.#viewport, move.dx, move.dy, item));
        break;
      case "fit":
        this.#look(viewports.fit(this.#viewport, wholeOf(item)));
        this.#fitted = true;
        break;
      case "fitTo":
        this.#look(closeUp(this.#viewport, move.area));
        break;
    }
  }

  fit(): void {
    this.move({ type: "fit" });
  }

  scale(): number {
    return this.#viewport.scale;
  }

  zoomTo(scale: number): void {
    this.zoomBy(scale / this.#viewport.scale);
  }

  zoomBy(factor: number): void {
    const { width, height } = this.#viewport;
    this.#zoomAt({ x: width / 2, y: height / 2 }, factor);
  }

  reveal(ids: readonly string[]): void {
    const all = ids.flatMap((id) => this.#workbench.document.boundsOf(id) ?? []);
    const first = all[0];
    if (first) this.#look(viewports.reveal(this.#viewport, all.reduce(union, first)));
  }

  keyPointer(): Point {
    const { width, height } = this.#viewport;
    const middle = viewports.toImage(this.#viewport, { x: width / 2, y: height / 2 });
    const at = this.#keyPointer ?? this.#pointer ?? middle;
    return this.#item ? clampToImage(at, this.#item) : at;
  }

  setKeyPointer(at: Point): void {
    this.#keyPointer = at;
    const spot = { minX: at.x, minY: at.y, maxX: at.x, maxY: at.y };
    this.#look(viewports.reveal(this.#viewport, spot));
    this.#listener.pointer(at);
    this.overlayChanged();
  }

  toScreen(at: Point): Point {
    return viewports.toScreen(this.#viewport, at);
  }

  #zoomAt(at: Point, factor: number): void {
    if (this.#item) this.#look(viewports.zoomAt(this.#viewport, at, factor, this.#item));
  }

  #look(viewport: Viewport): void {
    this.#fitted = false;
    this.#viewport = viewport;
    this.#stage?.look(viewport);
    this.#listener.view(viewport);
  }

  #resized(viewport: Viewport): void {
    const fitted = this.#fitted;
    this.#viewport = viewport;
    if (fitted) this.fit();
    else this.#listener.view(viewport);
  }

  #pointed(screen: Point | null): void {
    const at = screen && viewports.toImage(this.#viewport, screen);
    this.#pointer = at;
    const item = this.#item;
    const inside =
      at !== null && item !== null && at.x >= 0 && at.y >= 0 && at.x <= item.width && at.y <= item.height;
    this.#listener.pointer(inside ? at : null);
    if (this.#workbench.draws) this.overlayChanged();
  }

  #repalette(): void {
    this.#palette = new Palette(this.#theme, this.#labels);
    this.#stage?.setPalette(this.#palette);
  }

  #sceneContent(): SceneContent {
    const workbench = this.#workbench;
    return {
      search: (area) =>
        workbench.document
          .search(area)
          .filter((a) => workbench.visibility.shows(a) && !workbench.replaced.has(a.id)),
      brush: (annotation) => this.#brush(annotation),
      overhang: () => {
        const { ratio } = this.#viewport;
        return overhang({
          strokeWidth: this.#theme.strokeWidth * ratio,
          marker: MARKER_RADIUS * ratio,
        });
      },
    };
  }

  #brush(annotation: Annotation): Brush {
    const { ratio } = this.#viewport;
    const { selection } = this.#workbench;
    const marked = selection.size > SELECTED_IN_SCENE && selection.has(annotation.id);
    return {
      color: marked ? this.#theme.selection : this.#palette.colorOf(annotation),
      fillOpacity: this.#theme.fillOpacity,
      strokeWidth: this.#theme.strokeWidth * ratio,
      dashed: annotation.occluded,
      marker: MARKER_RADIUS * ratio,
    };
  }

  #overlay(): OverlayContent {
    const workbench = this.#workbench;
    const few = workbench.selection.size <= SELECTED_IN_SCENE;
    const shown = (a: Annotation | undefined): a is Annotation =>
      a !== undefined && workbench.visibility.shows(a);
    const selected = few
      ? [...workbench.selection].map((id) => workbench.document.get(id)).filter(shown)
      : [];
    const hovered =
      workbench.hovered === null ? undefined : workbench.document.get(workbench.hovered);
    const sole = selected.length === 1 ? selected[0] : undefined;
    const editable = sole && !sole.locked && !workbench.readOnly && workbench.tool === "select";
    return {
      selected,
      hovered: shown(hovered) ? hovered : undefined,
      handles: editable ? kindOf(sole.shape).handles(sole.shape) : [],
      activeHandle: workbench.activeHandle,
      preview: workbench.preview,
      crosshair: this.#crosshair && workbench.draws ? (this.#keyPointer ?? this.#pointer) : null,
    };
  }
}

function wholeOf(item: EditorItem): Rect {
  return { minX: 0, minY: 0, maxX: item.width, maxY: item.height };
}

/** An annotation with some of its surroundings. */
function closeUp(v: Viewport, area: Rect): Viewport {
  const border = Math.max(area.maxX - area.minX, area.maxY - area.minY, 1) * 0.25;
  const fitted = viewports.fit(v, {
    minX: area.minX - border,
    minY: area.minY - border,
    maxX: area.maxX + border,
    maxY: area.maxY + border,
  });
  if (fitted.scale <= CLOSE_UP) return fitted;
  const middle = { x: (area.minX + area.maxX) / 2, y: (area.minY + area.maxY) / 2 };
  return viewports.centredOn({ ...fitted, scale: CLOSE_UP }, middle);
}
