//! Gestures with the select tool.

import { describe, expect, it } from "vitest";
import { Hand } from "../../testing/hand.ts";
import { annotation, boxAt } from "../../testing/make.ts";
import type { Shape } from "../../shapes/index.ts";

const left = annotation("left", boxAt(10, 10, 30, 30));
const right = annotation("right", boxAt(50, 10, 70, 30));
const triangle: Shape = { kind: "polygon", outer: [[10, 10], [50, 10], [30, 50]], holes: [] };
const square: Shape = { kind: "polygon", outer: [[10, 10], [50, 10], [50, 50], [10, 50]], holes: [] };

describe("selecting", () => {
  it("a click selects what it touches, on empty ground nothing", () => {
    const hand = new Hand([left, right]).click(20, 20);
    expect(hand.selection).toEqual(["left"]);
    expect(hand.click(60, 20).selection).toEqual(["right"]);
    expect(hand.click(90, 70).selection).toEqual([]);
    expect(hand.changes).toEqual([]);
  });

  it("Shift+click adds and takes away", () => {
    const hand = new Hand([left, right]).click(20, 20).click(60, 20, { shift: true });
    expect(hand.selection).toEqual(["left", "right"]);
    expect(hand.click(20, 20, { shift: true }).selection).toEqual(["right"]);
  });

  it("a click on one of several selects it alone", () => {
    const hand = new Hand([left, right]).select("left", "right").click(20, 20);
    expect(hand.selection).toEqual(["left"]);
  });

  it("the highest wins, and among equals the smallest", () => {
    const big = annotation("big", boxAt(0, 0, 80, 80));
    expect(new Hand([left, big]).click(20, 20).selection).toEqual(["left"]);
    const above = { ...big, zOrder: 1 };
    expect(new Hand([left, above]).click(20, 20).selection).toEqual(["big"]);
  });

  it("what is hidden is not touched", () => {
    const hand = new Hand([{ ...left, hidden: true }, { ...right, labelId: "bus" }]);
    expect(hand.click(20, 20).selection).toEqual([]);
    hand.workbench.setLabelVisible("bus", false);
    expect(hand.click(60, 20).selection).toEqual([]);
    hand.workbench.setLabelVisible("bus", true);
    expect(hand.click(60, 20).selection).toEqual(["right"]);
    hand.workbench.setFilter((a) => a.labelId === "car");
    expect(hand.select().click(60, 20).selection).toEqual([]);
  });

  it("Shift+drag on empty ground takes what the marquee touches", () => {
    const hand = new Hand([left, right]).down(5, 5, { shift: true }).move(25, 25, { shift: true });
    expect(hand.workbench.preview?.marquee).toEqual({ minX: 5, minY: 5, maxX: 25, maxY: 25 });
    hand.up(25, 25, { shift: true });
    expect(hand.selection).toEqual(["left"]);
    expect(hand.workbench.preview).toBeUndefined();
    expect(hand.drag(45, 5, 55, 15, { shift: true }).selection).toEqual(["left", "right"]);
  });

  it("Escape drops the selection", () => {
    expect(new Hand([left]).click(20, 20).cancel().selection).toEqual([]);
  });
});

describe("moving", () => {
  it("one press selects and moves; it gives one change", () => {
    const hand = new Hand([left]).down(20, 20).move(25, 20).move(27, 26);
    expect(hand.bounds("left")).toBe("10 10 30 30");
    expect(hand.workbench.preview?.shapes).toHaveLength(1);
    hand.up(27, 26);
    expect(hand.bounds("left")).toBe("17 16 37 36");
    expect(hand.changes.map((c) => c.what)).toEqual(["move"]);
    expect(hand.changes[0]?.edits).toHaveLength(1);
  });

  it("moves all that is selected together, in one change", () => {
    const hand = new Hand([left, right]).select("left", "right").drag(20, 20, 22, 23);
    expect(hand.bounds("left")).toBe("12 13 32 33");
    expect(hand.bounds("right")).toBe("52 13 72 33");
    expect(hand.changes).toHaveLength(1);
    expect(hand.changes[0]?.edits).toHaveLength(2);
  });

  it("stops at the border of the image, shapes keep their distance", () => {
    const hand = new Hand([left, right]).select("left", "right").drag(20, 20, 90, -40);
    expect(hand.bounds("left")).toBe("40 0 60 20");
    expect(hand.bounds("right")).toBe("80 0 100 20");
  });

  it("stops at the other two borders as well", () => {
    const hand = new Hand([left]).drag(20, 20, -70, 200);
    expect(hand.bounds("left")).toBe("0 60 20 80");
  });

  it("what already reaches outside gets no farther out, and may come back", () => {
    const hand = new Hand([annotation("out", boxAt(-5, 10, 15, 30))]).drag(10, 20, 5, 20);
    expect(hand.changes).toEqual([]);
    expect(hand.drag(10, 20, 20, 20).bounds("out")).toBe("5 10 25 30");
  });

  it("cancel leaves everything as it was", () => {
    const hand = new Hand([left]).down(20, 20).move(40, 40).cancel().up(40, 40);
    expect(hand.bounds("left")).toBe("10 10 30 30");
    expect(hand.changes).toEqual([]);
    expect(hand.workbench.preview).toBeUndefined();
    expect(hand.selection).toEqual(["left"]);
  });

  it("a tremble is a click", () => {
    const hand = new Hand([left]).down(20, 20).move(20.2, 20.1).up(20.2, 20.1);
    expect(hand.changes).toEqual([]);
  });

  it("a drag there and back changes nothing", () => {
    expect(new Hand([left]).down(20, 20).move(40, 40).move(20, 20).up(20, 20).changes).toEqual([]);
  });

  it("what is locked stays, and the drag pans instead", () => {
    const hand = new Hand([{ ...left, locked: true }]).drag(20, 20, 40, 20);
    expect(hand.bounds("left")).toBe("10 10 30 30");
    expect(hand.selection).toEqual(["left"]);
    expect(hand.moves).toContainEqual({ type: "pan", dx: 100, dy: 0 });
  });

  it("read-only: nothing moves", () => {
    const hand = new Hand([left]);
    hand.workbench.setReadOnly(true);
    expect(hand.drag(20, 20, 40, 20).bounds("left")).toBe("10 10 30 30");
  });

  it("empty ground pans and keeps the selection", () => {
    const hand = new Hand([left]).click(20, 20).drag(80, 60, 82, 61);
    expect(hand.moves).toEqual([
      { type: "pan", dx: 10, dy: 5 },
      { type: "pan", dx: 10, dy: 5 },
    ]);
    expect(hand.selection).toEqual(["left"]);
  });

  it("a double click fits the image, or what it hits", () => {
    expect(new Hand([left]).doubleClick(80, 60).moves).toEqual([{ type: "fit" }]);
    expect(new Hand([left]).doubleClick(20, 20).moves).toMatchObject([
      { type: "fitTo", area: { minX: 10, maxX: 30 } },
    ]);
  });
});

describe("reshaping", () => {
  it("a corner of a box follows the pointer", () => {
    const hand = new Hand([left]).select("left").drag(30, 30, 40, 45);
    expect(hand.bounds("left")).toBe("10 10 40 45");
    expect(hand.changes.map((c) => c.what)).toEqual(["reshape"]);
  });

  it("grabbed beside its middle, a handle does not jump", () => {
    expect(new Hand([left]).select("left").drag(30.4, 30, 40.4, 30).bounds("left")).toBe(
      "10 10 40 30",
    );
  });

  it("a side moves one way only", () => {
    expect(new Hand([left]).select("left").drag(30, 20, 35, 60).bounds("left")).toBe("10 10 35 30");
  });

  it("a corner pulled past its opposite turns the box over", () => {
    expect(new Hand([left]).select("left").drag(30, 30, 4, 2).bounds("left")).toBe("4 2 10 10");
  });

  it("handles stay inside the image", () => {
    expect(new Hand([left]).select("left").drag(30, 30, 300, 300).bounds("left")).toBe(
      "10 10 100 80",
    );
  });

  it("a box without extent is refused", () => {
    const hand = new Hand([left]).select("left").drag(30, 30, 10, 40);
    expect(hand.bounds("left")).toBe("10 10 30 30");
    expect(hand.complaints).toEqual(["no-extent"]);
  });

  it("a vertex follows the pointer, cancel brings it back", () => {
    const hand = new Hand([annotation("p", triangle)]).select("p");
    hand.down(30, 50).move(40, 60).cancel();
    expect(hand.shape("p")).toEqual(triangle);
    hand.drag(30, 50, 40, 60);
    expect(hand.shape("p")).toMatchObject({ outer: [[10, 10], [50, 10], [40, 60]] });
  });

  it("handles show only on one selected, unlocked annotation", () => {
    const both = new Hand([left, right]).select("left", "right").drag(30, 30, 32, 31);
    expect(both.changes.map((c) => c.what)).toEqual(["move"]);
    const locked = new Hand([{ ...left, locked: true }]).select("left").drag(30, 30, 40, 40);
    expect(locked.changes).toEqual([]);
  });
});

describe("vertices", () => {
  it("Alt+click takes a vertex out, down to three", () => {
    const hand = new Hand([annotation("p", square)]).select("p").click(50, 50, { alt: true });
    expect(hand.shape("p")).toMatchObject({ outer: [[10, 10], [50, 10], [10, 50]] });
    hand.click(10, 50, { alt: true });
    expect(hand.shape("p")).toMatchObject({ outer: [[10, 10], [50, 10], [10, 50]] });
    expect(hand.complaints).toEqual(["too-few-vertices"]);
    expect(hand.changes).toHaveLength(1);
  });

  it("a click on an edge of the selected shape puts one in", () => {
    const hand = new Hand([annotation("p", square)]).select("p").move(30, 10.3);
    expect(hand.workbench.preview?.spot).toEqual({ x: 30, y: 10 });
    hand.click(30, 10.3);
    expect(hand.shape("p")).toMatchObject({
      outer: [[10, 10], [30, 10], [50, 10], [50, 50], [10, 50]],
    });
    expect(hand.changes.map((c) => c.what)).toEqual(["reshape"]);
  });

  it("a double click on an edge puts in one vertex, not two, and does not zoom", () => {
    const hand = new Hand([annotation("p", square)]).doubleClick(30, 10);
    expect(hand.shape("p")).toMatchObject({
      outer: [[10, 10], [30, 10], [50, 10], [50, 50], [10, 50]],
    });
    expect(hand.moves).toEqual([]);
  });

  it("the first click on an unselected shape only selects it", () => {
    const hand = new Hand([annotation("p", square)]).click(30, 10);
    expect(hand.selection).toEqual(["p"]);
    expect(hand.changes).toEqual([]);
  });

  it("a drag on an edge moves the shape", () => {
    const hand = new Hand([annotation("p", square)]).select("p").drag(30, 10, 32, 12);
    expect(hand.changes.map((c) => c.what)).toEqual(["move"]);
  });

  it("Alt+click on an edge puts a vertex in as well", () => {
    const line: Shape = { kind: "polyline", points: [[10, 10], [50, 10]] };
    const hand = new Hand([annotation("l", line)]).select("l").click(20, 10, { alt: true });
    expect(hand.shape("l")).toMatchObject({ points: [[10, 10], [20, 10], [50, 10]] });
  });

  it("vertices of holes are vertices too; a hole goes with its third last", () => {
    const holed: Shape = { ...square, kind: "polygon", holes: [[[20, 20], [40, 20], [30, 40]]] };
    const hand = new Hand([annotation("p", holed)]).select("p").drag(30, 40, 30, 45);
    expect(hand.shape("p")).toMatchObject({ holes: [[[20, 20], [40, 20], [30, 45]]] });
    hand.click(20, 20, { alt: true });
    expect(hand.shape("p")).toMatchObject({ holes: [] });
  });
});

describe("keys", () => {
  const right1 = { type: "nudge", dx: 1, dy: 0 } as const;

  it("nudges what is selected, one change a press", () => {
    const hand = new Hand([left]).select("left").send(right1).send({ ...right1, dx: 10 });
    expect(hand.bounds("left")).toBe("21 10 41 30");
    expect(hand.changes.map((c) => c.what)).toEqual(["move", "move"]);
  });

  it("at the border there is nothing left to nudge", () => {
    const hand = new Hand([annotation("edge", boxAt(80, 10, 100, 30))]).select("edge").send(right1);
    expect(hand.changes).toEqual([]);
  });

  it("walks through the handles and nudges the active one", () => {
    const hand = new Hand([left]).select("left").send({ type: "handle", step: 1 });
    expect(hand.workbench.activeHandle).toBe("nw");
    hand.send({ type: "nudge", dx: -2, dy: -3 });
    expect(hand.bounds("left")).toBe("8 7 30 30");
    hand.send({ type: "handle", step: -1 });
    expect(hand.workbench.activeHandle).toBe("w");
    expect(hand.cancel().workbench.activeHandle).toBeNull();
    expect(hand.selection).toEqual(["left"]);
  });

  it("inserts after the active vertex and deletes it", () => {
    const hand = new Hand([annotation("p", triangle)]).select("p");
    hand.send({ type: "handle", step: 1 }).send({ type: "insertVertex" });
    expect(hand.shape("p")).toMatchObject({ outer: [[10, 10], [30, 10], [50, 10], [30, 50]] });
    hand.send({ type: "deleteVertex" });
    expect(hand.shape("p")).toEqual(triangle);
    expect(hand.changes).toHaveLength(2);
  });
});
