//! The page that the editor's benchmark drives: one editor on a made image of 3000 x 2000 pixels
//! with polygons of 20 vertices, and the same scene drawn naively on one canvas.

import { Editor, kindOf, type Annotation, type EditorTheme, type TileSource } from "../../src/editor/index.ts";
import { annotation, randomRing, seeded } from "../../src/editor/testing/make.ts";

const IMAGE = { id: "bench", width: 3000, height: 2000 };
const COLORS = ["#e5484d", "#30a46c", "#0090ff", "#f5d90a"];

const THEME: EditorTheme = {
  background: "#111111",
  selection: "#ffffff",
  hover: "#cccccc",
  handleFill: "#ffffff",
  handleStroke: "#000000",
  handleActive: "#ff8800",
  preview: "#ff8800",
  crosshair: "#888888",
  marqueeStroke: "#ffffff",
  marqueeFill: "rgb(255 255 255 / 10%)",
  halo: "#000000",
  unlabelled: "#999999",
  fillOpacity: 0.2,
  strokeWidth: 1.5,
  handleSize: 8,
};

const tiles: TileSource = {
  tileSize: 512,
  levels: [
    { width: 3000, height: 2000 },
    { width: 1500, height: 1000 },
    { width: 750, height: 500 },
  ],
  async get(level, x, y) {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 512;
    const pen = canvas.getContext("2d");
    if (!pen) throw new Error("no 2D canvas");
    pen.fillStyle = (x + y) % 2 === 0 ? "#2b3a42" : "#3f5765";
    pen.fillRect(0, 0, 512, 512);
    pen.fillStyle = "#ffffff";
    pen.fillText(`${level}/${x}/${y}`, 20, 40);
    return createImageBitmap(canvas);
  },
};

function polygons(count: number): Annotation[] {
  const random = seeded(42);
  return Array.from({ length: count }, (_, i) =>
    annotation(
      i.toString(16).padStart(32, "0"),
      {
        kind: "polygon",
        outer: randomRing(random, 3000 * random(), 2000 * random(), 8 + 22 * random(), 20),
        holes: [],
      },
      { labelId: String(i % COLORS.length) },
    ),
  );
}

const editor = new Editor({
  theme: THEME,
  newId: () => crypto.randomUUID().replaceAll("-", ""),
});
editor.on("change", (change) => editor.confirm(change.token));
editor.setLabels(COLORS.map((color, i) => ({ id: String(i), name: color, color })));
editor.setLabel("0");
editor.mount(document.getElementById("host") as HTMLElement);

/** Draws every polygon every time, as a plain canvas would; returns the milliseconds. */
async function naive(count: number): Promise<number> {
  const canvas = document.createElement("canvas");
  canvas.width = innerWidth;
  canvas.height = innerHeight;
  canvas.style.cssText = "position:absolute;inset:0";
  document.body.append(canvas);
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("no 2D canvas");
  const all = polygons(count);
  const scale = Math.min(innerWidth / IMAGE.width, innerHeight / IMAGE.height);
  const times: number[] = [];
  for (let i = 0; i < 6; i++) {
    const start = performance.now();
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    pen.clearRect(0, 0, IMAGE.width, IMAGE.height);
    for (const { shape, labelId } of all) {
      pen.beginPath();
      kindOf(shape).trace(shape, pen, 0);
      pen.fillStyle = pen.strokeStyle = COLORS[Number(labelId)] ?? "";
      pen.globalAlpha = 0.2;
      pen.fill();
      pen.globalAlpha = 1;
      pen.lineWidth = 1.5 / scale;
      pen.stroke();
    }
    // Reading a pixel back waits for the drawing to be done.
    pen.getImageData(0, 0, 1, 1);
    times.push(performance.now() - start);
    await frame();
  }
  canvas.remove();
  return times.sort((a, b) => a - b)[3] as number;
}

function frame(): Promise<number> {
  return new Promise((resolve) => requestAnimationFrame(resolve));
}

/** Until the scene has been painted: no frame has been asked for in a while. */
async function settle(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 1500));
}

function load(count: number): void {
  editor.setItem(IMAGE, polygons(count), tiles);
}

/** Calls `act` every frame; returns the milliseconds between frames. */
async function frames(count: number, act: (i: number) => void): Promise<number[]> {
  const times: number[] = [];
  let last = await frame();
  for (let i = 0; i < count; i++) {
    act(i);
    const now = await frame();
    times.push(now - last);
    last = now;
  }
  return times;
}

/** How many pixels of the scene's canvas are painted. */
function paintedPixels(): number {
  const canvas = document.querySelectorAll("canvas")[1] as HTMLCanvasElement;
  const pen = canvas.getContext("2d");
  if (!pen) return 0;
  const { data } = pen.getImageData(0, 0, canvas.width, canvas.height);
  let painted = 0;
  for (let i = 3; i < data.length; i += 4) if (data[i] !== 0) painted++;
  return painted;
}

Object.assign(window, { bench: { editor, load, naive, settle, frames, frame, paintedPixels } });
