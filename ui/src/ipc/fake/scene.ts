//! A picture from above, drawn from a seed: fields, roads, buildings and vehicles. What stands in it
//! is known, so that annotations lie where they belong.

import type { Rendering } from "../bindings.ts";
import { random } from "./random.ts";

export interface Thing {
  what: "building" | "vehicle" | "vessel" | "road";
  points: [number, number][];
}

export interface Scene {
  width: number;
  height: number;
  ground: string;
  fields: { points: [number, number][]; color: string }[];
  things: (Thing & { color: string })[];
}

const FIELDS = ["#5d6b4a", "#6f7757", "#7d7a5c", "#56624a", "#8a8468", "#646f55", "#777159"];
const ROOFS = ["#a39a8c", "#8c7468", "#b4b0a8", "#7c7f86", "#9a6f5d", "#c2bdb2"];
const CARS = ["#e8e8e6", "#2d3238", "#9b2f2b", "#35507a", "#c9c9c4", "#54585c"];

const scenes = new Map<number, Scene>();

/** The scene of a seed; drawn once. */
export function scene(seed: number, width: number, height: number, things: number): Scene {
  const here = scenes.get(seed);
  if (here) return here;
  const draw = random(seed);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(draw() * from.length)] as T;
  const unit = Math.min(width, height) / 100;
  const rectangle = (x: number, y: number, w: number, h: number, turn: number) => {
    const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
    return (
      [
        [-w, -h],
        [w, -h],
        [w, h],
        [-w, h],
      ] as const
    ).map(([dx, dy]): [number, number] => [
      x + (dx * cos - dy * sin) / 2,
      y + (dx * sin + dy * cos) / 2,
    ]);
  };
  const turn = (draw() - 0.5) * 0.7;
  const fields = [];
  for (let row = -1; row < 6; row += 1) {
    for (let column = -1; column < 8; column += 1) {
      fields.push({
        points: rectangle(
          (column + 0.5) * (width / 6) + draw() * unit * 4,
          (row + 0.5) * (height / 4) + draw() * unit * 4,
          width / 6.1,
          height / 4.1,
          turn,
        ),
        color: pick(FIELDS),
      });
    }
  }
  const made: Scene["things"] = [];
  for (let road = 0; road < 3; road += 1) {
    const y = height * (0.2 + 0.3 * road + draw() * 0.1);
    const bend = (draw() - 0.5) * height * 0.2;
    made.push({
      what: "road",
      color: "#8f8d88",
      points: [
        [-unit, y],
        [width * 0.35, y + bend],
        [width * 0.7, y - bend * 0.5],
        [width + unit, y + bend * 0.4],
      ],
    });
  }
  for (let at = 0; at < things; at += 1) {
    const x = unit * 6 + draw() * (width - unit * 12);
    const y = unit * 6 + draw() * (height - unit * 12);
    if (draw() < 0.45) {
      made.push({
        what: "building",
        color: pick(ROOFS),
        points: rectangle(x, y, unit * (4 + draw() * 8), unit * (3 + draw() * 5), turn),
      });
    } else {
      made.push({
        what: draw() < 0.8 ? "vehicle" : "vessel",
        color: pick(CARS),
        points: rectangle(x, y, unit * 2.2, unit * 1.1, turn + (draw() < 0.5 ? 0 : Math.PI / 2)),
      });
    }
  }
  const built = { width, height, ground: pick(FIELDS), fields, things: made };
  scenes.set(seed, built);
  return built;
}

/** A window of the scene as an SVG address. */
export function picture(
  of: Scene,
  view: { x: number; y: number; width: number; height: number },
  out: { width: number; height: number },
  rendering: Rendering | null,
): string {
  const path = (points: [number, number][]) =>
    points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
  const unit = Math.min(of.width, of.height) / 100;
  const shapes = [
    `<rect width="${of.width}" height="${of.height}" fill="${of.ground}"/>`,
    ...of.fields.map(({ points, color }) => `<polygon points="${path(points)}" fill="${color}"/>`),
    ...of.things.map(({ what, points, color }) =>
      what === "road"
        ? `<polyline points="${path(points)}" fill="none" stroke="${color}" stroke-width="${unit * 3}"/>`
        : `<polygon points="${path(points.map(([x, y]) => [x + unit * 0.5, y + unit * 0.5]))}" fill="#0005"/>` +
          `<polygon points="${path(points)}" fill="${color}"/>`,
    ),
  ].join("");
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${out.width}" height="${out.height}" ` +
    `viewBox="${view.x} ${view.y} ${view.width} ${view.height}" preserveAspectRatio="none">` +
    `${filter(rendering)}<g filter="${rendering ? "url(#f)" : "none"}">${shapes}</g></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}

/** Gamma, inversion and swapped bands, roughly as the core does them. */
function filter(rendering: Rendering | null): string {
  if (!rendering) return "";
  const { gamma, low, high } = rendering;
  const stretch = 1 / Math.max(0.05, ((high ?? 100) - (low ?? 0)) / 100);
  const channel = (name: string) =>
    `<feFunc${name} type="gamma" amplitude="${stretch}" exponent="${1 / gamma}" offset="0"/>`;
  const bands = rendering.bands
    ? `<feColorMatrix values="${rendering.bands
        .map((band) => [0, 1, 2].map((at) => (at === band % 3 ? 1 : 0)).join(" ") + " 0 0")
        .join(" ")} 0 0 0 1 0"/>`
    : "";
  return `<filter id="f" color-interpolation-filters="sRGB" x="0" y="0" width="1" height="1">${bands}<feComponentTransfer>${channel("R")}${channel("G")}${channel("B")}</feComponentTransfer></filter>`;
}
