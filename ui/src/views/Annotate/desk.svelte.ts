//! What lies on the desk while annotating: the open item in the editor, and everything around it
//! that the panels show. Panels read from here and act through here.

import { untrack } from "svelte";
import {
  Editor,
  type Annotation,
  type Change,
  type ChangeKind,
  type Complaint,
  type Edit,
  type EditorTheme,
  type Point,
  type ToolId,
} from "../../editor/index.ts";
import {
  asAppError,
  backend,
  newId,
  type AppError,
  type Committed,
  type EditRequest,
  type HistoryRow,
  type OpenItem,
} from "../../ipc/backend.ts";
import { app } from "../../session/app.svelte.ts";
import { library } from "../../session/library.svelte.ts";
import { saving, type Reach } from "../../session/saving.svelte.ts";
import { token } from "../../theme/theme.ts";
import { filter, PLAIN, rendering, type Adjustment } from "./adjustment.ts";
import { allFromCore, difference, toCore } from "./edits.ts";
import { TileStore } from "./tile-store.ts";

/** Items fetched ahead. */
const AHEAD = 6;
const COMPLAINT_SHOWN = 4000;

export class Desk {
  item = $state.raw<OpenItem | null>(null);
  loading = $state(false);
  error = $state.raw<AppError | null>(null);
  /** Annotations of kinds that this version can't show. */
  unknown = $state(0);
  /** Index among the listed items, or -1. */
  index = $state(-1);

  selection = $state.raw<readonly string[]>([]);
  tool = $state<ToolId>("select");
  drawing = $state(false);
  label = $state<string | null>(null);
  /** All annotations, bottom to top; a new list after each change. */
  annotations = $state.raw<readonly Annotation[]>([]);
  pointer = $state.raw<Point | null>(null);
  hovered = $state<string | null>(null);
  scale = $state(1);
  crosshair = $state(false);
  complaint = $state<Complaint | null>(null);
  tilesMissing = $state(0);
  look = $state.raw<Adjustment>(PLAIN);
  hiddenLabels = $state.raw<ReadonlySet<string>>(new Set());
  /** Counts up when the history of the item has grown. */
  historyVersion = $state(0);

  readonly editor: Editor;
  readonly #project: string;
  readonly #tiles = new TileStore();
  readonly #ahead = new Map<string, Promise<OpenItem>>();
  #host: HTMLElement | null = null;
  #complaintTimer: ReturnType<typeof setTimeout> | undefined;
  #destroyed = false;

  readOnly = $derived(!app.can("annotation.edit"));
  counts = $derived.by(() => {
    const counts = new Map<string, number>();
    for (const { labelId } of this.annotations) counts.set(labelId, (counts.get(labelId) ?? 0) + 1);
    return counts;
  });

  constructor(project: string) {
    this.#project = project;
    this.editor = new Editor({ theme: theme(), newId });
    this.editor.on("change", (change) => void this.#send(change));
    this.editor.on("selection", (ids) => (this.selection = ids));
    this.editor.on("tool", ({ tool, drawing }) => {
      this.tool = tool;
      this.drawing = drawing;
    });
    this.editor.on("label", ({ label }) => (this.label = label));
    this.editor.on("document", () => (this.annotations = this.editor.document.all()));
    this.editor.on("hover", ({ at, annotation }) => {
      this.pointer = at;
      this.hovered = annotation;
    });
    this.editor.on("view", ({ scale }) => (this.scale = scale));
    this.editor.on("complaint", ({ complaint }) => this.#complain(complaint));
    this.editor.on("tileError", () => (this.tilesMissing += 1));
    void saving.ask(project);
  }

  /** Attach to the element that holds the canvases. */
  mount = (host: HTMLElement): (() => void) => {
    this.#host = host;
    this.editor.mount(host);
    return () => {
      this.#destroyed = true;
      clearTimeout(this.#complaintTimer);
      this.editor.destroy();
      this.#tiles.clear();
      this.#host = null;
    };
  };

  setTheme(): void {
    this.editor.setTheme(theme());
  }

  focus(): void {
    this.#host?.focus({ preventScroll: true });
  }

  get hasFocus(): boolean {
    const active = document.activeElement;
    return active === document.body || (this.#host?.contains(active) ?? false);
  }

  // The open item.

  async open(id: string): Promise<void> {
    this.error = null;
    this.loading = this.item?.id !== id;
    if (this.loading) await this.#bring(id);
    if (this.#isWanted(id)) await this.#findPlace(id);
  }

  async #bring(id: string): Promise<void> {
    const isDue = () => this.#isWanted(id) && this.item?.id !== id;
    try {
      const item = await this.#fetch(id);
      if (isDue()) this.#show(item);
    } catch (thrown) {
      if (!isDue()) return;
      this.#close();
      this.error = asAppError(thrown);
    }
    if (this.#isWanted(id)) this.loading = false;
  }

  /** Whether no later key has asked for another item. */
  #isWanted(id: string): boolean {
    return !this.#destroyed && app.item === id;
  }

  async #findPlace(id: string): Promise<void> {
    try {
      const index = await library.indexOf(id);
      if (!this.#isWanted(id)) return;
      this.index = index;
      if (index >= 0) void library.moveTo(index, "one");
      await this.#fetchNeighbours();
    } catch (thrown) {
      if (app.item === id) this.error = asAppError(thrown);
    }
  }

  #close(): void {
    this.item = null;
    this.unknown = 0;
    this.tilesMissing = 0;
    this.editor.setItem(null, [], null);
  }

  #show(item: OpenItem): void {
    const session = app.session;
    if (!session) return;
    const { annotations, unknown } = allFromCore(item.annotations);
    this.item = item;
    this.unknown = unknown;
    this.error = null;
    this.tilesMissing = 0;
    this.selection = [];
    // Bands and stretch belong to the kind of image; the light in the room stays as it is.
    this.look = { ...this.look, bands: null, low: null, high: null };
    this.editor.setItem(
      { id: item.id, width: item.width, height: item.height },
      annotations,
      this.#tiles.source(session, this.#project, item, rendering(this.look)),
    );
    this.annotations = this.editor.document.all();
    // The list may have been read before an undo that has led here.
    library.patch(item.id, { annotations: this.annotations.length + unknown, flagged: item.flagged, done: item.done });
    this.scale = this.editor.viewport.scale;
    this.historyVersion += 1;
  }

  /** The item that lies so many places further in the list. */
  async step(by: number): Promise<void> {
    const total = library.total ?? 0;
    if (total === 0) return;
    const from = this.index >= 0 ? this.index : library.cursor - Math.sign(by);
    const to = Math.min(total - 1, Math.max(0, from + by));
    if (to === this.index) return;
    const row = await library.fetchRow(to);
    if (!row) return;
    this.index = to;
    app.item = row.id;
  }

  #fetch(id: string): Promise<OpenItem> {
    const here = this.#ahead.get(id);
    if (here) return here;
    const coming = saving.answered(id).then(() => backend().item_open(this.#project, id));
    this.#ahead.set(id, coming);
    coming.catch(() => this.#ahead.delete(id));
    for (const old of this.#ahead.keys()) {
      if (this.#ahead.size <= AHEAD) break;
      this.#ahead.delete(old);
    }
    return coming;
  }

  async #fetchNeighbours(): Promise<void> {
    const session = app.session;
    if (this.index < 0 || !session || !this.#host) return;
    const ratio = devicePixelRatio;
    const { clientWidth, clientHeight } = this.#host;
    for (const by of [1, -1]) {
      const row = await library.fetchRow(this.index + by);
      if (!row || this.#destroyed) continue;
      try {
        const item = await this.#fetch(row.id);
        const source = this.#tiles.source(session, this.#project, item, rendering({ ...this.look, bands: null, low: null, high: null }));
        if (source) this.#tiles.warm(source, clientWidth * ratio, clientHeight * ratio);
      } catch {
        // It will say what is wrong when it is opened.
      }
    }
  }

  // Changes.

  /** A change made in a panel: the same path as a gesture. */
  commit(what: ChangeKind, edits: readonly Edit[]): void {
    this.editor.commit(what, edits);
  }

  /** Changes the item itself: note, flag, done. */
  async commitItem(gesture: string, edit: EditRequest): Promise<void> {
    const item = this.item;
    if (!item || this.readOnly) return;
    const after = withItemEdit(item, edit);
    this.item = after;
    library.patch(item.id, { flagged: after.flagged, done: after.done });
    this.#ahead.delete(item.id);
    try {
      await saving.commit(this.#project, item.id, gesture, [edit]);
      this.historyVersion += 1;
    } catch {
      if (this.item?.id === item.id) this.item = { ...this.item, flagged: item.flagged, done: item.done, note: item.note };
      library.patch(item.id, { flagged: item.flagged, done: item.done });
    }
  }

  async #send(change: Change): Promise<void> {
    const item = this.item;
    if (!item) return;
    const isOpen = () => !this.#destroyed && this.item?.id === item.id;
    const sent = this.#count();
    this.#ahead.delete(item.id);
    try {
      await saving.commit(this.#project, item.id, change.what, toCore(change.edits));
      if (isOpen()) this.editor.confirm(change.token);
      else library.patch(item.id, { annotations: sent });
    } catch (thrown) {
      if (isOpen()) this.editor.refuse(change.token, asAppError(thrown).detail);
    }
    if (isOpen()) library.patch(item.id, { annotations: this.#count() });
    void library.reloadLabels().catch(() => undefined);
    this.historyVersion += 1;
  }

  /** Annotations of the open item, with those that can't be shown. */
  #count(): number {
    return this.annotations.length + this.unknown;
  }

  /** A held key stops before what reaches beyond one item; `any` goes on from there. */
  async undo(reach: Reach = "one-item"): Promise<void> {
    await this.#turn("undo", reach);
  }

  async redo(): Promise<void> {
    await this.#turn("redo", "any");
  }

  async #turn(which: "undo" | "redo", reach: Reach): Promise<void> {
    if (this.readOnly) return;
    try {
      const committed = await saving.step(which, this.#project, reach);
      if (committed) await this.#adopt(committed);
    } catch {
      // The queue shows the refusal; nothing on screen has changed.
    }
  }

  /** Shows what the core did; goes to the item if it happened elsewhere. */
  async #adopt({ items }: Committed): Promise<void> {
    const open = this.item?.id ?? app.item;
    const [only, another] = items;
    void library.reloadLabels().catch(() => undefined);
    if (only && !another) {
      this.#ahead.delete(only);
      if (only === open) await this.reload();
      else app.item = only;
      return;
    }
    // Many, and of very many none is listed.
    this.#ahead.clear();
    library.refresh();
    await this.reload();
  }

  /** Asks the core for the open item again and shows what differs; one that was refused may open now. */
  async reload(): Promise<void> {
    const open = this.item;
    if (!open) {
      if (this.error && app.item) await this.open(app.item);
      return;
    }
    this.#ahead.delete(open.id);
    const now = await this.#again(open.id);
    if (!now || this.item?.id !== open.id) return;
    const { annotations, unknown } = allFromCore(now.annotations);
    this.editor.applyRemote(difference(this.editor.document.all(), annotations));
    this.item = now;
    this.unknown = unknown;
    this.annotations = this.editor.document.all();
    library.patch(open.id, { annotations: annotations.length, flagged: now.flagged, done: now.done });
    this.historyVersion += 1;
  }

  /** The item anew; where it can't be opened any more it is closed, and the reason shown. */
  async #again(id: string): Promise<OpenItem | null> {
    try {
      return await this.#fetch(id);
    } catch (thrown) {
      if (this.item?.id === id) {
        this.#close();
        this.error = asAppError(thrown);
      }
      return null;
    }
  }

  history(): Promise<HistoryRow[]> {
    const item = this.item;
    return item ? backend().history(this.#project, item.id) : Promise.resolve([]);
  }

  // Looking.

  adjust(part: Partial<Adjustment>): void {
    const before = this.look;
    this.look = { ...before, ...part };
    this.editor.setBackdropFilter(filter(this.look));
    if (JSON.stringify(rendering(before)) === JSON.stringify(rendering(this.look))) return;
    const { session } = app;
    if (!this.item || !session) return;
    this.editor.setTiles(this.#tiles.source(session, this.#project, this.item, rendering(this.look)));
  }

  setLabelVisible(label: string, visible: boolean): void {
    const next = new Set(untrack(() => this.hiddenLabels));
    if (visible) next.delete(label);
    else next.add(label);
    this.hiddenLabels = next;
    this.editor.setLabelVisible(label, visible);
  }

  retryTiles(): void {
    this.tilesMissing = 0;
    this.editor.retryTiles();
  }

  toggleCrosshair(): void {
    this.crosshair = !this.crosshair;
    this.editor.setCrosshair(this.crosshair);
  }

  #complain(complaint: Complaint): void {
    this.complaint = complaint;
    clearTimeout(this.#complaintTimer);
    this.#complaintTimer = setTimeout(() => (this.complaint = null), COMPLAINT_SHOWN);
  }
}

function withItemEdit(item: OpenItem, edit: EditRequest): OpenItem {
  switch (edit.op) {
    case "item_note":
      return { ...item, note: edit.note };
    case "item_flagged":
      return { ...item, flagged: edit.on };
    case "item_done":
      return { ...item, done: edit.on };
    default:
      return item;
  }
}

/** The editor's colours, from the tokens. */
function theme(): EditorTheme {
  return {
    background: token("--ground-canvas"),
    selection: token("--editor-selection"),
    hover: token("--editor-hover"),
    handleFill: token("--editor-handle"),
    handleStroke: token("--editor-handle-line"),
    handleActive: token("--editor-handle-active"),
    preview: token("--editor-preview"),
    crosshair: token("--editor-crosshair"),
    marqueeStroke: token("--editor-marquee"),
    marqueeFill: token("--editor-marquee-fill"),
    halo: token("--editor-halo"),
    unlabelled: token("--editor-unlabelled"),
    fillOpacity: 0.12,
    strokeWidth: 1.5,
    handleSize: 8,
  };
}
