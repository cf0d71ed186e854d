//! The way of a gesture to the core and back.

import { describe, expect, it } from "vitest";
import type { Annotation } from "../src/editor/index.ts";
import type { AnnotationView } from "../src/ipc/backend.ts";
import { filter, PLAIN, rendering } from "../src/views/Annotate/adjustment.ts";
import { allFromCore, difference, toCore } from "../src/views/Annotate/edits.ts";
import { arrange } from "../src/views/Annotate/object-list.ts";

const ID = "0".repeat(31) + "1";
const LABEL = "a".repeat(32);

const view: AnnotationView = {
  id: ID,
  label: LABEL,
  shape: { kind: "box", x: 1, y: 2, width: 3, height: 4 },
  z_order: 5,
  flagged: true,
  occluded: false,
  truncated: false,
  locked: false,
  hidden: false,
  note: "n",
  source: "officer",
};

describe("annotations from the core", () => {
  it("are read, unknown kinds are counted and kept out", () => {
    const read = allFromCore([view, { ...view, id: "2".repeat(32), shape: { kind: "cuboid" } }]);
    expect(read.unknown).toBe(1);
    expect(read.annotations).toMatchObject([{ id: ID, labelId: LABEL, zOrder: 5, flagged: true, note: "n" }]);
  });

  it("differ by parts, not by identity", () => {
    const shown = allFromCore([view]).annotations;
    expect(difference(shown, allFromCore([view]).annotations)).toEqual({ put: [], remove: [] });
    const moved = allFromCore([{ ...view, shape: { ...(view.shape as object), x: 9 } }]).annotations;
    expect(difference(shown, moved).put).toHaveLength(1);
    expect(difference(shown, [])).toEqual({ put: [], remove: [ID] });
  });
});

describe("edits to the core", () => {
  const one = allFromCore([view]).annotations[0] as Annotation;

  it("create plain and add what is more", () => {
    expect(toCore([{ annotation: ID, part: "presence", value: one }])).toEqual([
      { op: "create", id: ID, label: LABEL, shape: view.shape, z_order: 5 },
      { op: "note", id: ID, note: "n" },
      { op: "flag", id: ID, flag: "flagged", on: true },
    ]);
  });

  it("say each part in the core's words", () => {
    expect(
      toCore([
        { annotation: ID, part: "presence", value: null },
        { annotation: ID, part: "shape", value: one.shape },
        { annotation: ID, part: "label", value: LABEL },
        { annotation: ID, part: "zOrder", value: 2 },
        { annotation: ID, part: "locked", value: true },
      ]),
    ).toEqual([
      { op: "presence", id: ID, present: false },
      { op: "geometry", id: ID, shape: view.shape },
      { op: "label", id: ID, label: LABEL },
      { op: "z_order", id: ID, z_order: 2 },
      { op: "flag", id: ID, flag: "locked", on: true },
    ]);
  });
});

describe("looking", () => {
  it("leaves to the core what needs the pixels", () => {
    const look = { ...PLAIN, brightness: 1.5, invert: true, gamma: 2, low: 2 };
    expect(filter(look)).toBe("invert(1) brightness(1.5)");
    expect(rendering(look)).toEqual({ bands: null, low: 2, high: null, brightness: 0, contrast: 0, gamma: 2, invert: false });
    expect(filter(PLAIN)).toBe("");
  });
});

describe("object list", () => {
  const annotations = allFromCore([
    view,
    { ...view, id: "3".repeat(32), label: "b".repeat(32), note: "", flagged: false },
  ]).annotations;
  const names = new Map([
    [LABEL, "vessel"],
    ["b".repeat(32), "crane"],
  ]);
  it("filters by label and note, topmost first", () => {
    expect(arrange(annotations, names, "", "order").map(({ id }) => id[0])).toEqual(["3", "0"]);
    expect(arrange(annotations, names, "CRA", "order")).toHaveLength(1);
    expect(arrange(annotations, names, "n", "label").map(({ labelId }) => names.get(labelId))).toEqual(["crane", "vessel"]);
  });
});
