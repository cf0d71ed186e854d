//! The canvases that the editor draws on, through the few members that it uses: tests put a
//! recording one in their place.

/** The part of a 2D context that the editor uses. */
export type Pen = Pick<
  CanvasRenderingContext2D,
  | "arc"
  | "beginPath"
  | "clearRect"
  | "clip"
  | "closePath"
  | "drawImage"
  | "fill"
  | "fillRect"
  | "fillStyle"
  | "globalAlpha"
  | "imageSmoothingEnabled"
  | "imageSmoothingQuality"
  | "lineJoin"
  | "lineTo"
  | "lineWidth"
  | "moveTo"
  | "rect"
  | "restore"
  | "save"
  | "setLineDash"
  | "setTransform"
  | "stroke"
  | "strokeRect"
  | "strokeStyle"
>;

/** A bitmap with a pen. Sizes are device pixels. */
export interface Surface {
  readonly image: CanvasImageSource;
  readonly pen: Pen;
  readonly width: number;
  readonly height: number;
  /** Changes the size and clears everything; does nothing when the size is the same. */
  resize(width: number, height: number): void;
}

/** Makes a surface that is not part of the page. */
export type MakeSurface = () => Surface;

/** The surface of a canvas element. */
export function surfaceOf(canvas: HTMLCanvasElement): Surface {
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("this window can't draw on a 2D canvas");
  return {
    image: canvas,
    pen,
    get width() {
      return canvas.width;
    },
    get height() {
      return canvas.height;
    },
    resize(width, height) {
      if (canvas.width === width && canvas.height === height) return;
      canvas.width = width;
      canvas.height = height;
    },
  };
}
