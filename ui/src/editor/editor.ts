//! The editor: workbench, stage and input put together, behind one door.
//!
//! The owner opens an item, sends every `change` event to the core and answers with `confirm` or
//! `refuse`, and hands news of the core (undo, redo, other windows) to `applyRemote`.

import { Clipboard } from "./commands/clipboard.ts";
import { canRun, runCommand } from "./commands/run.ts";
import type { CommandTarget } from "./commands/target.ts";
import type { Annotation } from "./document/annotation.ts";
import type { Change, ChangeKind, Edit } from "./document/change.ts";
import type { DocumentReader, EditorItem, RemoteDiff } from "./document/document.ts";
import { EditorView, type ViewEvents } from "./editor-view.ts";
import { Emitter } from "./emitter.ts";
import type { Point } from "./geometry/plane.ts";
import type { WheelHabit } from "./input.ts";
import type { Complaint, ToolId } from "./tools/index.ts";
import type { EditorTheme, LabelStyle } from "./view/theme.ts";
import type { TileSource } from "./view/tiles.ts";
import type { Viewport } from "./view/viewport.ts";
import type { AnnotationFilter } from "./workbench/visibility.ts";
import { Workbench } from "./workbench/workbench.ts";

/** What the owner can listen to. */
export interface EditorEvents extends ViewEvents {
  /** A gesture is finished: make it durable, then call `confirm` or `refuse`. */
  change: Change;
  selection: readonly string[];
  tool: { readonly tool: ToolId; readonly drawing: boolean };
  label: { readonly label: string | null };
  document: { readonly ids: readonly string[] };
  refused: { readonly token: number; readonly reason: string };
  /** A gesture has no effect, and why. */
  complaint: { readonly complaint: Complaint };
  /** The pointer's place in image pixels (`null` outside the image) and what lies under it. */
  hover: { readonly at: Point | null; readonly annotation: string | null };
}

/** What an editor is made with. */
export interface EditorOptions {
  readonly theme: EditorTheme;
  /** A fresh random identifier of 32 lower-case hexadecimal digits. */
  newId(): string;
}

/** Habits that a keymap brings along. */
export interface Habits {
  readonly wheel: WheelHabit;
  /** Whether a drawing tool stays in hand after a shape is drawn. */
  readonly keepDrawing: boolean;
}

/** See the module. */
export class Editor {
  readonly #events = new Emitter<EditorEvents>();
  readonly #workbench: Workbench;
  readonly #view: EditorView;
  readonly #clipboard = new Clipboard();
  readonly #newId: () => string;
  #labels: readonly LabelStyle[] = [];
  #pointer: Point | null = null;

  constructor(options: EditorOptions) {
    this.#newId = options.newId;
    this.#workbench = new Workbench({
      scale: () => this.#view.viewport.scale,
      newId: options.newId,
      moveView: (move) => this.#view.move(move),
      setCursor: (cursor) => this.#view.setCursor(cursor),
      overlayChanged: () => this.#view.overlayChanged(),
      sceneChanged: (area) => this.#view.sceneChanged(area),
    });
    this.#view = new EditorView(this.#workbench, options.theme, {
      view: (viewport) => this.#events.emit("view", viewport),
      tileError: (failure) => this.#events.emit("tileError", failure),
      pointer: (at) => this.#pointed(at),
    });
    this.#forward();
  }

  /** Puts the canvases into `host`, which must have a size and not be `position: static`. */
  mount(host: HTMLElement): void {
    this.#view.mount(host);
  }

  /** Leaves the host as it was; the editor can't be used afterwards. */
  destroy(): void {
    this.#view.destroy();
    this.#events.clear();
    this.#workbench.events.clear();
  }

  on<K extends keyof EditorEvents>(
    name: K,
    listener: (payload: EditorEvents[K]) => void,
  ): () => void {
    return this.#events.on(name, listener);
  }

  // What is open.

  /** Opens an item and fits it; `null` closes. */
  setItem(
    item: EditorItem | null,
    annotations: readonly Annotation[],
    tiles: TileSource | null,
  ): void {
    this.#workbench.open(item, annotations);
    this.#view.open(item, tiles);
  }

  /** The same image seen otherwise (bands, stretch): old tiles stay until the new ones come. */
  setTiles(tiles: TileSource | null): void {
    this.#view.setTiles(tiles);
  }

  /** Asks again for tiles that could not be had. */
  retryTiles(): void {
    this.#view.retryTiles();
  }

  get document(): DocumentReader {
    return this.#workbench.document;
  }

  // Changes and the core's answers.

  /** A change made outside the canvas, e.g. in the object list; `false` when nothing changed. */
  commit(what: ChangeKind, edits: readonly Edit[]): boolean {
    return this.#workbench.commit(what, edits);
  }

  confirm(token: number): void {
    this.#workbench.confirm(token);
  }

  refuse(token: number, reason: string): void {
    this.#workbench.refuse(token, reason);
  }

  applyRemote(diff: RemoteDiff): void {
    this.#workbench.applyRemote(diff);
  }

  setReadOnly(readOnly: boolean): void {
    this.#workbench.setReadOnly(readOnly);
  }

  // Tools, labels, selection.

  get tool(): ToolId {
    return this.#workbench.tool;
  }

  /** Whether the tool in hand draws new shapes. */
  get drawing(): boolean {
    return this.#workbench.draws;
  }

  /** Whether a gesture is under way. */
  get busy(): boolean {
    return this.#workbench.isBusy;
  }

  setTool(id: ToolId): void {
    this.#workbench.setTool(id);
  }

  get label(): string | null {
    return this.#workbench.label;
  }

  /** The label that new shapes get. */
  setLabel(labelId: string | null): void {
    this.#workbench.setLabel(labelId);
  }

  setLabels(labels: readonly LabelStyle[]): void {
    this.#labels = labels;
    this.#view.setLabels(labels);
  }

  setHabits(habits: Habits): void {
    this.#workbench.setHabits(habits);
    this.#view.setWheel(habits.wheel);
  }

  get selection(): ReadonlySet<string> {
    return this.#workbench.selection;
  }

  select(ids: readonly string[], options: { readonly reveal?: boolean } = {}): void {
    this.#workbench.select(ids);
    if (options.reveal) this.#view.reveal(ids);
  }

  /** Marks an annotation as if the pointer were over it. */
  setHovered(id: string | null): void {
    this.#workbench.setHovered(id);
  }

  setLabelVisible(labelId: string, visible: boolean): void {
    this.#workbench.setLabelVisible(labelId, visible);
  }

  isLabelVisible(labelId: string): boolean {
    return this.#workbench.visibility.isLabelVisible(labelId);
  }

  /** Shows only annotations that pass; `null` shows all. Call it again when its answer changes. */
  setFilter(filter: AnnotationFilter | null): void {
    this.#workbench.setFilter(filter);
  }

  // Commands.

  /** Carries an editor command out; `false` when there was nothing to do, or it is none. */
  run(command: string): boolean {
    return runCommand(command, this.#target());
  }

  canRun(command: string): boolean {
    return canRun(command, this.#target());
  }

  // The view.

  get viewport(): Viewport {
    return this.#view.viewport;
  }

  fit(): void {
    this.#view.move({ type: "fit" });
  }

  /** Zooms about the middle; 1 is 100 %. */
  zoomTo(scale: number): void {
    this.#view.zoomTo(scale);
  }

  reveal(ids: readonly string[]): void {
    this.#view.reveal(ids);
  }

  setTheme(theme: EditorTheme): void {
    this.#view.setTheme(theme);
  }

  /** A CSS filter over the image alone, e.g. `brightness(1.2)`; empty for none. */
  setBackdropFilter(css: string): void {
    this.#view.setBackdropFilter(css);
  }

  setCrosshair(shown: boolean): void {
    this.#view.setCrosshair(shown);
  }

  #target(): CommandTarget {
    return {
      workbench: this.#workbench,
      view: this.#view,
      labels: this.#labels,
      clipboard: this.#clipboard,
      newId: this.#newId,
    };
  }

  #forward(): void {
    const from = this.#workbench.events;
    from.on("change", (change) => this.#events.emit("change", change));
    from.on("selection", (ids) => this.#events.emit("selection", ids));
    from.on("tool", (tool) => this.#events.emit("tool", tool));
    from.on("label", (label) => this.#events.emit("label", label));
    from.on("document", (event) => this.#events.emit("document", event));
    from.on("refused", (event) => this.#events.emit("refused", event));
    from.on("complaint", (event) => this.#events.emit("complaint", event));
    from.on("hovered", () => this.#emitHover());
  }

  #pointed(at: Point | null): void {
    this.#pointer = at;
    this.#emitHover();
  }

  #emitHover(): void {
    this.#events.emit("hover", { at: this.#pointer, annotation: this.#workbench.hovered });
  }
}
