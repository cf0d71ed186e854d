//! The workbench: the open document, what is selected, the tool in hand. It feeds events to the
//! tool and carries out what the tool answers. It knows no DOM and no canvas.

import type { Annotation } from "../document/annotation.ts";
import type { Change, ChangeKind, Draft, Edit } from "../document/change.ts";
import { Document, type EditorItem, type RemoteDiff } from "../document/document.ts";
import { Emitter } from "../emitter.ts";
import type { Rect } from "../geometry/plane.ts";
import {
  toolById,
  type AnyTool,
  type Complaint,
  type Preview,
  type Step,
  type ToolEvent,
  type ToolId,
  type ToolView,
  type ViewMove,
} from "../tools/index.ts";
import { allowedEdits } from "./locks.ts";
import { Visibility, type AnnotationFilter } from "./visibility.ts";

/** What happens at the workbench. */
export interface WorkbenchEvents {
  /** A change to make durable; answer with `confirm` or `refuse`. */
  change: Change;
  selection: readonly string[];
  tool: { readonly tool: ToolId; readonly drawing: boolean };
  label: { readonly label: string | null };
  /** These annotations came, went or changed. */
  document: { readonly ids: readonly string[] };
  refused: { readonly token: number; readonly reason: string };
  complaint: { readonly complaint: Complaint };
  hovered: { readonly annotation: string | null };
}

/** What the workbench needs from around it. */
export interface Surroundings {
  /** CSS pixels per image pixel. */
  scale(): number;
  newId(): string;
  moveView(move: ViewMove): void;
  setCursor(cursor: string): void;
  /** Selection, hover, preview or handles look different. */
  overlayChanged(): void;
  /** Annotations look different: in this area, or all of them. */
  sceneChanged(area?: Rect): void;
}

/** Habits of the hand that differ from program to program. */
export interface DrawingHabits {
  /** Whether the tool stays in hand after a shape is drawn. */
  readonly keepDrawing: boolean;
}

/** More selected annotations than this are marked by the scene, not by the overlay. */
export const SELECTED_IN_SCENE = 200;

/** More annotations than this are repainted together with everything else. */
const MANY = 50;

const NO_ITEM: EditorItem = { id: "", width: 1, height: 1 };

/** See the module. */
export class Workbench {
  readonly events = new Emitter<WorkbenchEvents>();
  readonly visibility = new Visibility();
  readonly #around: Surroundings;
  #document = new Document(NO_ITEM, []);
  #stopListening: () => void = () => undefined;
  #selection: ReadonlySet<string> = new Set();
  #toolId: ToolId = "select";
  #tool: AnyTool = toolById("select");
  #state: unknown = this.#tool.initial;
  #lastDrawTool: ToolId = "box";
  #redrawing: string | null = null;
  #label: string | null = null;
  #readOnly = false;
  #habits: DrawingHabits = { keepDrawing: false };
  #preview: Preview | undefined;
  #replaced: ReadonlySet<string> = new Set();
  #hovered: string | null = null;
  #activeHandle: string | null = null;

  constructor(around: Surroundings) {
    this.#around = around;
  }

  get document(): Document {
    return this.#document;
  }
  get selection(): ReadonlySet<string> {
    return this.#selection;
  }
  get tool(): ToolId {
    return this.#toolId;
  }
  /** Whether the tool in hand draws new shapes. */
  get draws(): boolean {
    return this.#tool.draws;
  }
  /** Whether a gesture is under way. */
  get isBusy(): boolean {
    return this.#tool.isBusy(this.#state);
  }
  get lastDrawTool(): ToolId {
    return this.#lastDrawTool;
  }
  get label(): string | null {
    return this.#label;
  }
  get readOnly(): boolean {
    return this.#readOnly;
  }
  get preview(): Preview | undefined {
    return this.#preview;
  }
  /** Annotations that the preview shows in the scene's place. */
  get replaced(): ReadonlySet<string> {
    return this.#replaced;
  }
  get hovered(): string | null {
    return this.#hovered;
  }
  get activeHandle(): string | null {
    return this.#activeHandle;
  }
  get cursor(): string {
    return this.#tool.cursor;
  }

  /** Opens an item; whatever was under way on the last one is given up. */
  open(item: EditorItem | null, annotations: readonly Annotation[]): void {
    this.#abandon();
    this.#stopListening();
    this.#document = new Document(item ?? NO_ITEM, annotations);
    this.#stopListening = this.#document.subscribe(({ ids, dirty }) => {
      this.#forgetMissing();
      this.#around.sceneChanged(dirty);
      this.events.emit("document", { ids });
    });
    this.#hovered = null;
    this.select([]);
    this.events.emit("document", { ids: annotations.map((a) => a.id) });
  }

  setTool(id: ToolId): void {
    this.#redrawing = null;
    this.#takeTool(id);
  }

  /** Draws one annotation anew: the next shape replaces its shape. */
  redraw(annotation: string, tool: ToolId): void {
    this.#takeTool(tool);
    this.#redrawing = annotation;
  }

  setLabel(label: string | null): void {
    if (label === this.#label) return;
    this.#label = label;
    this.#around.overlayChanged();
    this.events.emit("label", { label });
  }

  setReadOnly(readOnly: boolean): void {
    this.#readOnly = readOnly;
    if (readOnly) this.#abandon();
  }

  setHabits(habits: DrawingHabits): void {
    this.#habits = habits;
  }

  setLabelVisible(labelId: string, visible: boolean): void {
    if (this.visibility.setLabel(labelId, visible)) this.#around.sceneChanged();
  }

  setFilter(filter: AnnotationFilter | null): void {
    this.visibility.setFilter(filter);
    this.#around.sceneChanged();
  }

  setHovered(id: string | null): void {
    if (id === this.#hovered) return;
    this.#hovered = id;
    this.#around.overlayChanged();
    this.events.emit("hovered", { annotation: id });
  }

  /** Selects these, as far as they are there. */
  select(ids: readonly string[]): void {
    const before = this.#selection;
    const next = new Set(ids.filter((id) => this.#document.get(id)));
    if (next.size === before.size && [...next].every((id) => before.has(id))) return;
    this.#selection = next;
    this.#activeHandle = null;
    if (Math.max(next.size, before.size) > SELECTED_IN_SCENE) this.#around.sceneChanged();
    this.#around.overlayChanged();
    this.events.emit("selection", [...next]);
  }

  /** Feeds the tool; returns whether it had a use for the event. */
  dispatch(event: ToolEvent): boolean {
    const step = this.#tool.step(this.#state, event, this.#toolView());
    this.#carryOut(step);
    return step.unused !== true;
  }

  /** A change from outside the canvas; it goes the same way as a gesture. */
  commit(what: ChangeKind, edits: readonly Edit[]): boolean {
    if (this.#readOnly) return this.#complain("read-only");
    const allowed = allowedEdits(this.#document, edits);
    if (allowed.length === 0 && edits.length > 0) return this.#complain("locked");
    const change = this.#document.apply({ what, edits: allowed });
    if (change) this.events.emit("change", change);
    return change !== undefined;
  }

  confirm(token: number): void {
    this.#document.confirm(token);
  }

  refuse(token: number, reason: string): void {
    this.#document.refuse(token);
    this.events.emit("refused", { token, reason });
  }

  applyRemote(diff: RemoteDiff): void {
    this.#document.applyRemote(diff);
  }

  /** The annotations that are selected, bottom to top. */
  selected(): Annotation[] {
    if (this.#selection.size === 0) return [];
    return this.#document.all().filter((a) => this.#selection.has(a.id));
  }

  #toolView(): ToolView {
    return {
      document: this.#document,
      selection: this.#selection,
      scale: this.#around.scale(),
      label: this.#redrawing === null ? this.#label : this.#labelOf(this.#redrawing),
      readOnly: this.#readOnly,
      isVisible: (annotation) => this.visibility.shows(annotation),
      newId: () => this.#around.newId(),
    };
  }

  #labelOf(id: string): string | null {
    return this.#document.get(id)?.labelId ?? null;
  }

  #carryOut(step: Step<unknown>): void {
    this.#state = step.state;
    this.#setPreview(step.preview);
    if (step.change) this.#take(step.change, step.selection);
    else if (step.selection) this.select(step.selection);
    if (step.activeHandle !== undefined) this.#activeHandle = step.activeHandle;
    if (step.hover !== undefined) this.setHovered(step.hover);
    if (step.cursor !== undefined) this.#around.setCursor(step.cursor);
    if (step.view) this.#around.moveView(step.view);
    if (step.complaint) this.#complain(step.complaint);
    this.#around.overlayChanged();
  }

  #take(draft: Draft, selection: readonly string[] | undefined): void {
    const created = draft.what === "create";
    const target = this.#redrawing;
    const edit = draft.edits[0];
    if (created && target !== null && edit?.part === "presence" && edit.value) {
      const { shape } = edit.value;
      this.commit("reshape", [{ annotation: target, part: "shape", value: shape }]);
      this.select([target]);
    } else {
      this.commit(draft.what, draft.edits);
      if (selection) this.select(selection);
    }
    this.#redrawing = null;
    if (created && (target !== null || !this.#habits.keepDrawing)) this.#takeTool("select");
  }

  #takeTool(id: ToolId): void {
    this.#abandon();
    if (id !== this.#toolId) {
      this.#toolId = id;
      this.#tool = toolById(id);
      this.#state = this.#tool.initial;
      this.setHovered(null);
    }
    if (this.#tool.draws) this.#lastDrawTool = id;
    this.#around.setCursor(this.#tool.cursor);
    this.#around.overlayChanged();
    this.events.emit("tool", { tool: id, drawing: this.#tool.draws });
  }

  /** Gives up the gesture under way, without touching the selection. */
  #abandon(): void {
    this.#state = this.#tool.initial;
    this.#setPreview(undefined);
    this.#activeHandle = null;
  }

  #setPreview(preview: Preview | undefined): void {
    const before = this.#replaced;
    this.#preview = preview;
    this.#replaced = new Set(
      preview?.shapes?.flatMap((shape) => (shape.id === null ? [] : [shape.id])),
    );
    // The scene leaves out what the preview shows, and takes it back afterwards.
    const differing = symmetricDifference(before, this.#replaced);
    if (differing.length > MANY) this.#around.sceneChanged();
    else this.#sceneChangedAt(differing);
  }

  #sceneChangedAt(ids: readonly string[]): void {
    for (const id of ids) {
      const bounds = this.#document.boundsOf(id);
      if (bounds) this.#around.sceneChanged(bounds);
    }
  }

  #forgetMissing(): void {
    const left = [...this.#selection].filter((id) => this.#document.get(id));
    if (left.length < this.#selection.size) this.select(left);
    if (this.#hovered !== null && !this.#document.get(this.#hovered)) this.setHovered(null);
    if (this.#redrawing !== null && !this.#document.get(this.#redrawing)) this.setTool("select");
  }

  #complain(complaint: Complaint): false {
    this.events.emit("complaint", { complaint });
    return false;
  }
}

function symmetricDifference(a: ReadonlySet<string>, b: ReadonlySet<string>): string[] {
  return [...[...a].filter((id) => !b.has(id)), ...[...b].filter((id) => !a.has(id))];
}
