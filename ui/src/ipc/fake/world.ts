//! The vault that the fake core holds: projects, items, labels and annotations, made from seeds.

import type { AnnotationView, ItemRow, LabelView, ProjectView } from "../bindings.ts";
import { idOf, random, seedOf } from "./random.ts";
import { scene, type Thing } from "./scene.ts";

export interface FakeItem extends ItemRow {
  note: string;
  bands: number;
  sample: string;
  things: number;
  revision: number;
  /** Filled when the item is first opened. */
  annotationsById: Map<string, AnnotationView> | null;
  /** Deleted ones, for undo. */
  removed: Map<string, AnnotationView>;
}

export interface FakeProject {
  view: ProjectView;
  labels: LabelView[];
  items: FakeItem[];
  settings: Map<string, string>;
}

const LABELS: readonly [string, string][] = [
  ["building", "#e0a458"],
  ["vehicle", "#4fa3e3"],
  ["vessel", "#5fc9a5"],
  ["road", "#c38fdb"],
  ["storage tank", "#e3706b"],
  ["helipad", "#d7d354"],
  ["ساحة انتظار", "#8fb35f"],
  ["swimming pool", "#46bfd4"],
  ["construction site with temporary fencing", "#b58b6d"],
  ["crane", "#f08fb2"],
  ["rail car", "#9a9dea"],
  ["tree", "#6cae6c"],
];
const FOLDERS = ["2026-03 pass/north", "2026-03 pass/south", "2026-05 pass", "archive/old sensor/strip 7"];
const NAMES = ["strip", "tile", "scene", "frame"];
const FORMATS = ["JPEG", "TIFF", "PNG"];

function makeItems(project: number, number: number): FakeItem[] {
  const items: FakeItem[] = [];
  for (let at = 0; at < number; at += 1) {
    const id = idOf(project + 100, at);
    const draw = random(seedOf(id));
    const folder = FOLDERS[Math.floor((at / number) * FOLDERS.length)] ?? "";
    const things = Math.floor(draw() * 26);
    const format = FORMATS[Math.floor(draw() * 3)] ?? "JPEG";
    const big = draw() < 0.02;
    const odd =
      at % 61 === 7
        ? "صورة جوية للميناء الشمالي.tif"
        : at % 53 === 11
          ? "2026-03-14T09-42-17Z_sensor-B_orbit-10442_north-harbour_georectified_level-2A_v3.tif"
          : null;
    const done = draw() < 0.4;
    items.push({
      id,
      name: odd ?? `${NAMES[at % 4]}-${String(at + 1).padStart(5, "0")}.${format === "JPEG" ? "jpg" : format.toLowerCase().slice(0, 3)}`,
      folder,
      width: big ? 25312 : 1600,
      height: big ? 22976 : 1200,
      format,
      size: Math.floor((big ? 2e8 : 4e5) * (0.5 + draw())),
      annotations: things,
      flagged: draw() < 0.06,
      done,
      has_media: at % 97 !== 5,
      has_thumbnail: at % 97 !== 5,
      note: "",
      bands: format === "TIFF" ? 4 : 3,
      sample: format === "TIFF" ? "u16" : "u8",
      things,
      revision: 1,
      annotationsById: null,
      removed: new Map(),
    });
  }
  items.sort((a, b) => `${a.folder}/${a.name}`.localeCompare(`${b.folder}/${b.name}`));
  return items;
}

function makeProject(
  number: number,
  name: string,
  marking: string,
  items: number,
  roles: string[],
): FakeProject {
  const made = makeItems(number, items);
  const annotations = made.reduce((sum, item) => sum + item.annotations, 0);
  return {
    view: {
      id: idOf(1, number),
      name,
      marking,
      items,
      annotations,
      done: made.filter((item) => item.done).length,
      created: new Date(Date.UTC(2026, 2 + number, 14, 9, 42)).toISOString(),
      roles,
    },
    labels:
      items === 0
        ? []
        : LABELS.map(([label, color], at) => ({
            id: idOf(2 + number * 100, at),
            name: label,
            color,
            key: at < 9 ? at + 1 : at === 9 ? 0 : null,
            count: Math.floor(annotations / (at + 2)),
          })),
    items: made,
    settings: new Map(),
  };
}

const WORKER = ["manager", "annotator", "exporter"];

/** The projects of the fake vault. */
export function makeProjects(items: number, roles: string[] = WORKER): FakeProject[] {
  return [
    makeProject(0, "Harbour survey, spring", "UNCLASSIFIED", items, roles),
    makeProject(1, "North coast strips", "CUI", 1200, roles),
    makeProject(2, "مسح الساحل الشمالي", "SECRET//NOFORN", 24, ["viewer"]),
    makeProject(
      3,
      "Comparison of two sensors over the same industrial area, second campaign, with the corrections of May",
      "UNCLASSIFIED",
      0,
      roles,
    ),
  ];
}

/** A project with nothing in it. */
export function emptyProject(name: string, marking: string): FakeProject {
  const made = makeProject(Math.floor(Math.random() * 1e6) + 10, name, marking, 0, WORKER);
  return { ...made, view: { ...made.view, created: new Date().toISOString() } };
}

/** A project as it arrives in a bundle. */
export function receivedProject(name: string): FakeProject {
  return makeProject(Math.floor(Math.random() * 1e6) + 10, name, "UNCLASSIFIED", 12, WORKER);
}

/** Annotations of an item, made when they are first asked for. */
export function annotationsOf(project: FakeProject, item: FakeItem): Map<string, AnnotationView> {
  if (item.annotationsById) return item.annotationsById;
  const drawn = scene(seedOf(item.id), item.width, item.height, item.things);
  const things = drawn.things.filter((thing) => thing.what !== "road").slice(0, item.things);
  const made = new Map<string, AnnotationView>();
  for (const [at, thing] of things.entries()) {
    const id = idOf(seedOf(item.id) % 100000, at);
    made.set(id, {
      id,
      label: labelFor(project, thing),
      shape: shapeOf(thing),
      z_order: at,
      flagged: at % 11 === 4,
      occluded: at % 7 === 3,
      truncated: false,
      locked: at % 13 === 6,
      hidden: false,
      note: at % 9 === 2 ? "Edge uncertain, compare with the May pass" : "",
      source: at % 3 === 0 ? "import: coco" : "officer",
    });
  }
  item.annotationsById = made;
  return made;
}

function labelFor(project: FakeProject, thing: Thing): string {
  const label = project.labels.find(({ name }) => name === thing.what) ?? project.labels[0];
  return label?.id ?? "";
}

function shapeOf(thing: Thing): unknown {
  const xs = thing.points.map(([x]) => x);
  const ys = thing.points.map(([, y]) => y);
  if (thing.what === "building") return { kind: "polygon", outer: thing.points, holes: [] };
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { kind: "box", x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}
