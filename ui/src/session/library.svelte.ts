//! The items of the open project as they are listed: filter, pages that arrive as they are needed,
//! cursor and selection. Library shows it as a grid, Annotate as a filmstrip; both keep its place.

import {
  asAppError,
  backend,
  type AppError,
  type FolderView,
  type ItemQuery,
  type ItemRow,
  type LabelView,
} from "../ipc/backend.ts";

export type Filter = Omit<ItemQuery, "offset" | "limit">;

const PAGE = 200;
/** Pages kept in memory: 20,000 rows. */
const PAGES_KEPT = 100;

const EVERYTHING: Filter = {
  text: null,
  label: null,
  folder: null,
  state: null,
  sort: "path",
  descending: false,
};

class Library {
  project: string | null = null;
  filter = $state.raw<Filter>(EVERYTHING);
  total = $state<number | null>(null);
  error = $state.raw<AppError | null>(null);
  labels = $state.raw<readonly LabelView[]>([]);
  folders = $state.raw<readonly FolderView[]>([]);
  /** How many there are beyond those that are listed. */
  furtherFolders = $state(0);
  /** Items in all folders. */
  everywhere = $state(0);
  /** Index of the item with the keyboard's attention. */
  cursor = $state(0);
  selected = $state.raw<ReadonlySet<string>>(new Set());
  /** Where the grid was scrolled to, for coming back. */
  scroll = 0;
  view = $state<"grid" | "list">("grid");

  #anchor = 0;
  #version = $state(0);
  #pages = new Map<number, readonly ItemRow[]>();
  /** Pages on their way. */
  #asked = new Map<number, Promise<void>>();
  #stale = new Set<number>();
  #ids: Promise<string[]> | null = null;
  #generation = 0;

  filtered = $derived(
    this.filter.text !== null ||
      this.filter.label !== null ||
      this.filter.folder !== null ||
      this.filter.state !== null,
  );

  open(project: string): void {
    this.close();
    this.project = project;
    this.refresh();
  }

  close(): void {
    this.project = null;
    this.filter = EVERYTHING;
    this.view = "grid";
    this.labels = [];
    this.folders = [];
    this.furtherFolders = 0;
    this.everywhere = 0;
    this.#reset();
  }

  /** Shows other items. */
  setFilter(part: Partial<Filter>): void {
    this.filter = { ...this.filter, ...part };
    this.#reset();
    this.#load(0);
  }

  clearFilter(): void {
    this.setFilter({ text: null, label: null, folder: null, state: null });
  }

  /** Asks again without emptying the screen: rows stay until their successors are here. */
  refresh(): void {
    this.#generation += 1;
    this.#asked.clear();
    this.#ids = null;
    for (const page of this.#pages.keys()) this.#stale.add(page);
    this.#load(Math.floor(this.cursor / PAGE));
    this.#version += 1;
    void this.#loadSides();
  }

  /** The row at an index, or nothing while it is on its way. Reading it asks for it. */
  row(index: number): ItemRow | undefined {
    // The count of arrivals is what makes readers read again.
    void this.#version;
    return this.#pages.get(Math.floor(index / PAGE))?.[index % PAGE];
  }

  /** Makes sure that a range of rows arrives. */
  ensure(first: number, last: number): void {
    for (let page = Math.floor(first / PAGE); page <= Math.floor(last / PAGE); page += 1) {
      if (!this.#pages.has(page) || this.#stale.has(page)) this.#load(page);
    }
  }

  /** A row that may have to be fetched first. */
  async fetchRow(index: number): Promise<ItemRow | undefined> {
    const here = this.row(index);
    if (here || this.total === null || index < 0 || index >= this.total) return here;
    const generation = this.#generation;
    await this.#load(Math.floor(index / PAGE));
    // What was asked before a refresh is not taken.
    return generation === this.#generation ? this.row(index) : this.fetchRow(index);
  }

  /** Ids of everything the filter lets through, in order. */
  ids(): Promise<string[]> {
    if (!this.project) return Promise.resolve([]);
    this.#ids ??= backend().item_ids(this.project, { ...this.filter, offset: 0, limit: MAX_IDS });
    return this.#ids;
  }

  /** Index of an item among those listed, or -1. */
  async indexOf(item: string): Promise<number> {
    for (const [page, rows] of this.#pages) {
      const at = rows.findIndex((row) => row.id === item);
      if (at >= 0) return page * PAGE + at;
    }
    return (await this.ids()).indexOf(item);
  }

  /** Changes a row on screen before the core lists it again. */
  patch(item: string, part: Partial<ItemRow>): void {
    for (const [page, rows] of this.#pages) {
      const at = rows.findIndex((row) => row.id === item);
      const row = rows[at];
      if (!row) continue;
      this.#pages.set(page, rows.with(at, { ...row, ...part }));
      this.#version += 1;
    }
  }

  /** Moves the cursor: alone it selects one, with `extend` from the anchor to it. */
  async moveTo(index: number, how: "one" | "extend" | "keep"): Promise<void> {
    const total = this.total ?? 0;
    if (total === 0) return;
    this.cursor = Math.min(Math.max(index, 0), total - 1);
    if (how === "keep") return;
    if (how === "one") {
      this.#anchor = this.cursor;
      const row = await this.fetchRow(this.cursor);
      this.selected = new Set(row ? [row.id] : []);
      return;
    }
    const from = Math.min(this.#anchor, this.cursor);
    const to = Math.max(this.#anchor, this.cursor);
    const ids = await this.ids();
    this.selected = new Set(ids.slice(from, to + 1));
  }

  /** Adds or takes away one item (Ctrl). */
  toggle(index: number): void {
    const row = this.row(index);
    if (!row) return;
    const next = new Set(this.selected);
    if (!next.delete(row.id)) next.add(row.id);
    this.cursor = index;
    this.#anchor = index;
    this.selected = next;
  }

  async selectAll(): Promise<void> {
    this.selected = new Set(await this.ids());
  }

  selectNone(): void {
    this.selected = new Set();
  }

  /** Index of the next item, after the cursor and around, whose name starts with the text. */
  async find(prefix: string, still: () => boolean): Promise<number> {
    const total = this.total ?? 0;
    const wanted = prefix.toLocaleLowerCase();
    const pages = Math.ceil(total / PAGE);
    const first = Math.floor(this.cursor / PAGE);
    const start = prefix.length > 1 ? this.cursor : this.cursor + 1;
    for (let step = 0; step <= pages && still(); step += 1) {
      const page = (first + step) % pages;
      if (!this.#pages.has(page)) await this.#load(page);
      const rows = this.#pages.get(page) ?? [];
      for (const [at, row] of rows.entries()) {
        const index = page * PAGE + at;
        if (step === 0 && index < start) continue;
        if (row.name.toLocaleLowerCase().startsWith(wanted)) return index;
      }
    }
    return -1;
  }

  async reloadLabels(): Promise<void> {
    if (this.project) this.labels = await backend().labels(this.project);
  }

  #reset(): void {
    this.#generation += 1;
    this.#pages.clear();
    this.#asked.clear();
    this.#stale.clear();
    this.#ids = null;
    this.total = null;
    this.error = null;
    this.cursor = 0;
    this.#anchor = 0;
    this.scroll = 0;
    this.selected = new Set();
    this.#version += 1;
  }

  async #loadSides(): Promise<void> {
    const project = this.project;
    if (!project) return;
    try {
      const [labels, folders] = await Promise.all([
        backend().labels(project),
        backend().folders(project),
      ]);
      if (this.project !== project) return;
      this.labels = labels;
      this.folders = folders.listed;
      this.furtherFolders = folders.further;
      this.everywhere = folders.items;
    } catch (thrown) {
      if (this.project === project) this.error = asAppError(thrown);
    }
  }

  /** Asks for a page; who asks again while it is on its way waits for the same answer. */
  #load(page: number): Promise<void> {
    if (!this.project || page < 0) return Promise.resolve();
    const coming = this.#asked.get(page) ?? this.#ask(this.project, page);
    this.#asked.set(page, coming);
    return coming;
  }

  async #ask(project: string, page: number): Promise<void> {
    const generation = this.#generation;
    try {
      const found = await backend().items(project, {
        ...this.filter,
        offset: page * PAGE,
        limit: PAGE,
      });
      if (generation !== this.#generation) return;
      this.#pages.delete(page);
      this.#pages.set(page, found.rows);
      this.#stale.delete(page);
      this.#forgetOld();
      this.total = found.total;
      if (this.cursor >= found.total) this.cursor = Math.max(0, found.total - 1);
      this.error = null;
    } catch (thrown) {
      if (generation !== this.#generation) return;
      this.error = asAppError(thrown);
    }
    this.#asked.delete(page);
    this.#version += 1;
  }

  #forgetOld(): void {
    for (const page of this.#pages.keys()) {
      if (this.#pages.size <= PAGES_KEPT) return;
      this.#pages.delete(page);
    }
  }
}

/** The most that are given. */
const MAX_IDS = 1_000_000;

export const library = new Library();
