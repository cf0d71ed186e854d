//! Repaints on the next frame, and only when something asked for it.

/** Calls back before the next repaint; returns how to call that off. */
export type RequestFrame = (callback: (now: number) => void) => () => void;

/** The browser's own frames. */
export const browserFrames: RequestFrame = (callback) => {
  const handle = requestAnimationFrame(callback);
  return () => cancelAnimationFrame(handle);
};

/** Collects wishes to paint into one call a frame. */
export class FrameLoop {
  readonly #request: RequestFrame;
  readonly #paint: (now: number) => void;
  #cancel: (() => void) | undefined;

  constructor(request: RequestFrame, paint: (now: number) => void) {
    this.#request = request;
    this.#paint = paint;
  }

  /** Paints on the next frame; further wishes before it change nothing. */
  wish(): void {
    this.#cancel ??= this.#request((now) => {
      this.#cancel = undefined;
      this.#paint(now);
    });
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
