//! Surfaces that remember what was drawn on them instead of drawing.

import type { Pen, Surface } from "../view/surface.ts";

/** One call of a pen, with the transform and styles that were in force. */
export interface Call {
  readonly name: string;
  readonly args: readonly unknown[];
  readonly fillStyle: unknown;
  readonly strokeStyle: unknown;
  readonly smooth: boolean;
}

/** See the module. */
export class RecordingSurface implements Surface {
  readonly image = {} as CanvasImageSource;
  readonly calls: Call[] = [];
  readonly pen: Pen;
  width = 0;
  height = 0;

  constructor() {
    const state: Record<string, unknown> = { imageSmoothingEnabled: true };
    this.pen = new Proxy(state, {
      get: (_state, name) => {
        if (name in state) return state[String(name)];
        return (...args: unknown[]) => {
          this.calls.push({
            name: String(name),
            args,
            fillStyle: state["fillStyle"],
            strokeStyle: state["strokeStyle"],
            smooth: state["imageSmoothingEnabled"] === true,
          });
        };
      },
      set: (_state, name, value) => {
        state[String(name)] = value;
        return true;
      },
    }) as unknown as Pen;
  }

  resize(width: number, height: number): void {
    this.width = width;
    this.height = height;
  }

  /** The calls of that name. */
  named(name: string): Call[] {
    return this.calls.filter((call) => call.name === name);
  }

  forget(): void {
    this.calls.length = 0;
  }
}
