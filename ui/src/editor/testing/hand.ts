//! A hand for gesture tests: a workbench with a scale and a record of what it gave out, and words
//! such as `down`, `move`, `up`, `key`. Positions are image pixels.

import type { Annotation } from "../document/annotation.ts";
import type { Change } from "../document/change.ts";
import { kindOf, type Shape } from "../shapes/index.ts";
import type { Complaint, Modifiers, ToolEvent, ToolId, ViewMove } from "../tools/index.ts";
import { Workbench } from "../workbench/workbench.ts";

type Held = Partial<Modifiers> & { readonly button?: number };

/** See the module. */
export class Hand {
  readonly workbench: Workbench;
  readonly changes: Change[] = [];
  readonly moves: ViewMove[] = [];
  readonly complaints: Complaint[] = [];
  cursor = "";
  #scale: number;
  #ids = 0;

  /** On an image of 100 x 80 pixels, seen at 10 screen pixels per image pixel. */
  constructor(annotations: readonly Annotation[] = [], scale = 10) {
    this.#scale = scale;
    this.workbench = new Workbench({
      scale: () => this.#scale,
      newId: () => (++this.#ids).toString(16).padStart(32, "0"),
      moveView: (move) => this.moves.push(move),
      setCursor: (cursor) => (this.cursor = cursor),
      overlayChanged: () => undefined,
      sceneChanged: () => undefined,
    });
    this.workbench.events.on("change", (change) => this.changes.push(change));
    this.workbench.events.on("complaint", ({ complaint }) => this.complaints.push(complaint));
    this.workbench.open({ id: "item", width: 100, height: 80 }, annotations);
    this.workbench.setLabel("car");
  }

  take(tool: ToolId): this {
    this.workbench.setTool(tool);
    return this;
  }
  select(...ids: string[]): this {
    this.workbench.select(ids);
    return this;
  }
  down(x: number, y: number, held: Held = {}): this {
    return this.#pointer("down", x, y, held);
  }
  move(x: number, y: number, held: Held = {}): this {
    return this.#pointer("move", x, y, held);
  }
  up(x: number, y: number, held: Held = {}): this {
    return this.#pointer("up", x, y, held);
  }
  click(x: number, y: number, held: Held = {}): this {
    return this.move(x, y, held).down(x, y, held).up(x, y, held);
  }
  drag(x: number, y: number, toX: number, toY: number, held: Held = {}): this {
    const [midX, midY] = [(x + toX) / 2, (y + toY) / 2];
    return this.down(x, y, held).move(midX, midY, held).move(toX, toY, held).up(toX, toY, held);
  }
  doubleClick(x: number, y: number): this {
    this.click(x, y).click(x, y);
    return this.#pointer("double", x, y, {});
  }
  cancel(): this {
    return this.send({ type: "cancel" });
  }
  finish(): this {
    return this.send({ type: "finish" });
  }
  send(event: ToolEvent): this {
    this.workbench.dispatch(event);
    return this;
  }

  get selection(): string[] {
    return [...this.workbench.selection];
  }
  /** The one annotation there is. */
  get only(): Annotation {
    const all = this.workbench.document.all();
    if (all.length !== 1 || !all[0]) throw new Error(`there are ${all.length} annotations`);
    return all[0];
  }
  shape(id: string): Shape | undefined {
    return this.workbench.document.get(id)?.shape;
  }
  /** The bounds of an annotation as `minX minY maxX maxY`. */
  bounds(id: string): string | undefined {
    const shape = this.shape(id);
    if (!shape) return undefined;
    const { minX, minY, maxX, maxY } = kindOf(shape).bounds(shape);
    return `${minX} ${minY} ${maxX} ${maxY}`;
  }

  #pointer(type: "down" | "move" | "up" | "double", x: number, y: number, held: Held): this {
    const { button = 0, shift = false, ctrl = false, alt = false } = held;
    const place = {
      at: { x, y },
      screen: { x: x * this.#scale, y: y * this.#scale },
      shift,
      ctrl,
      alt,
    };
    const event = type === "down" || type === "up" ? { type, button, ...place } : { type, ...place };
    this.workbench.dispatch(event);
    return this;
  }
}
