//! Mouse, pen and wheel on the host element, turned into tool events and moves of the view.

import type { Point } from "./geometry/plane.ts";
import type { ToolEvent } from "./tools/index.ts";

/** What a plain turn of the wheel does; with Ctrl it zooms either way. */
export type WheelHabit = "zoom" | "scroll";

/** Where the input goes. Positions are CSS pixels of the view. */
export interface InputSink {
  toImage(screen: Point): Point;
  tool(event: ToolEvent): void;
  pan(dx: number, dy: number): void;
  zoomAt(at: Point, factor: number): void;
  /** The pointer's position, `null` when it has left. */
  pointer(screen: Point | null): void;
  /** A drag with the middle button begins or ends. */
  panning(active: boolean): void;
}

/** The wheel's travel that doubles the size, in CSS pixels; a notch is about 100. */
const WHEEL_DOUBLING = 300;
/** Pinches on a pad arrive as a Ctrl+wheel of much smaller steps. */
const PINCH_DOUBLING = 70;
const LINE = 16;
const LONGEST_STEP = 300;

/** Listens to one host element. */
export class Input {
  readonly #host: HTMLElement;
  readonly #sink: InputSink;
  readonly #stop = new AbortController();
  #wheel: WheelHabit = "zoom";
  #middle: Point | null = null;

  constructor(host: HTMLElement, sink: InputSink) {
    this.#host = host;
    this.#sink = sink;
    const { signal } = this.#stop;
    host.addEventListener("pointerdown", (e) => this.#down(e), { signal });
    host.addEventListener("pointermove", (e) => this.#move(e), { signal });
    host.addEventListener("pointerup", (e) => this.#up(e), { signal });
    host.addEventListener("pointercancel", () => this.#cancel(), { signal });
    host.addEventListener("pointerleave", () => this.#leave(), { signal });
    host.addEventListener("dblclick", (e) => this.#double(e), { signal });
    host.addEventListener("wheel", (e) => this.#turn(e), { signal, passive: false });
    host.addEventListener("contextmenu", (e) => e.preventDefault(), { signal });
    // The middle button would start the browser's own scrolling.
    host.addEventListener("auxclick", (e) => e.preventDefault(), { signal });
  }

  setWheel(habit: WheelHabit): void {
    this.#wheel = habit;
  }

  destroy(): void {
    this.#stop.abort();
  }

  #down(event: PointerEvent): void {
    if (!event.isPrimary) return;
    this.#host.focus({ preventScroll: true });
    this.#host.setPointerCapture(event.pointerId);
    if (event.button === 1) {
      event.preventDefault();
      this.#middle = this.#screen(event);
      this.#sink.panning(true);
      return;
    }
    this.#sink.tool({ type: "down", button: event.button, ...this.#place(event) });
  }

  #move(event: PointerEvent): void {
    if (!event.isPrimary) return;
    const screen = this.#screen(event);
    this.#sink.pointer(screen);
    if (this.#middle) {
      this.#sink.pan(screen.x - this.#middle.x, screen.y - this.#middle.y);
      this.#middle = screen;
      return;
    }
    this.#sink.tool({ type: "move", ...this.#place(event) });
  }

  #up(event: PointerEvent): void {
    if (!event.isPrimary) return;
    if (this.#middle) {
      this.#middle = null;
      this.#sink.panning(false);
      return;
    }
    this.#sink.tool({ type: "up", button: event.button, ...this.#place(event) });
  }

  #double(event: MouseEvent): void {
    this.#sink.tool({ type: "double", ...this.#place(event) });
  }

  #cancel(): void {
    if (this.#middle) this.#sink.panning(false);
    this.#middle = null;
    this.#sink.tool({ type: "cancel" });
  }

  #leave(): void {
    this.#sink.pointer(null);
    this.#sink.tool({ type: "leave" });
  }

  #turn(event: WheelEvent): void {
    event.preventDefault();
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE : 1;
    const dx = event.deltaX * unit;
    const dy = event.deltaY * unit;
    const ctrl = event.ctrlKey || event.metaKey;
    if (this.#wheel === "scroll" && !ctrl) {
      // Shift turns the wheel sideways where the system does not do so itself.
      const sideways = event.shiftKey && dx === 0;
      this.#sink.pan(sideways ? -dy : -dx, sideways ? 0 : -dy);
      return;
    }
    const isPinch = event.ctrlKey && Math.abs(dy) < 50;
    const step = Math.max(-LONGEST_STEP, Math.min(LONGEST_STEP, dy));
    const factor = 2 ** (-step / (isPinch ? PINCH_DOUBLING : WHEEL_DOUBLING));
    this.#sink.zoomAt(this.#screen(event), factor);
  }

  #screen(event: MouseEvent): Point {
    const box = this.#host.getBoundingClientRect();
    return {
      x: event.clientX - box.left - this.#host.clientLeft,
      y: event.clientY - box.top - this.#host.clientTop,
    };
  }

  #place(event: MouseEvent) {
    const screen = this.#screen(event);
    return {
      at: this.#sink.toImage(screen),
      screen,
      shift: event.shiftKey,
      ctrl: event.ctrlKey || event.metaKey,
      alt: event.altKey,
    };
  }
}
