//! Gestures with the drawing tools, and the pan tool.

import { describe, expect, it } from "vitest";
import { Hand } from "../testing/hand.ts";
import { annotation, boxAt } from "../testing/make.ts";

describe("box", () => {
  it("drag from corner to corner, any two", () => {
    const hand = new Hand().take("box").down(30, 40).move(20, 25);
    expect(hand.workbench.preview?.shapes?.[0]?.shape).toEqual(boxAt(20, 25, 30, 40));
    hand.up(10, 15);
    expect(hand.only).toMatchObject({ labelId: "car", shape: boxAt(10, 15, 30, 40) });
    expect(hand.changes.map((c) => c.what)).toEqual(["create"]);
    expect(hand.selection).toEqual([hand.only.id]);
    expect(hand.only.id).toMatch(/^[0-9a-f]{32}$/);
  });

  it("or click one and then the other", () => {
    const hand = new Hand().take("box").click(10, 10).move(20, 30).click(30, 40);
    expect(hand.only.shape).toEqual(boxAt(10, 10, 30, 40));
    expect(hand.changes).toHaveLength(1);
  });

  it("stays inside the image", () => {
    expect(new Hand().take("box").drag(-20, -5, 500, 500).only.shape).toEqual(boxAt(0, 0, 100, 80));
  });

  it("cancel drops it, whether pressed or awaiting the second corner", () => {
    const hand = new Hand().take("box").down(10, 10).move(30, 30).cancel().up(30, 30);
    hand.click(10, 10).move(20, 20).cancel();
    expect(hand.workbench.preview).toBeUndefined();
    expect(hand.workbench.document.size).toBe(0);
    expect(hand.changes).toEqual([]);
  });

  it("a line is no box: the second corner is still awaited", () => {
    const hand = new Hand().take("box").drag(10, 10, 30, 10);
    expect(hand.complaints).toEqual(["no-extent"]);
    hand.click(30, 20);
    expect(hand.only.shape).toEqual(boxAt(10, 10, 30, 20));
  });

  it("needs a label", () => {
    const hand = new Hand().take("box");
    hand.workbench.setLabel(null);
    hand.drag(10, 10, 30, 30);
    expect(hand.complaints).toEqual(["no-label"]);
    expect(hand.changes).toEqual([]);
  });

  it("read-only: nothing is drawn", () => {
    const hand = new Hand().take("box");
    hand.workbench.setReadOnly(true);
    expect(hand.drag(10, 10, 30, 30).complaints).toEqual(["read-only"]);
  });

  it("lies on top of what is there", () => {
    const hand = new Hand([annotation("old", boxAt(0, 0, 50, 50), { zOrder: 7 })]).take("box");
    hand.drag(10, 10, 30, 30);
    expect(hand.workbench.document.all().map((a) => a.zOrder)).toEqual([7, 7]);
    expect(hand.workbench.document.all().at(-1)?.id).not.toBe("old");
  });

  it("goes back to selecting, or stays in hand as the habit says", () => {
    const hand = new Hand().take("box").drag(10, 10, 30, 30);
    expect(hand.workbench.tool).toBe("select");
    hand.workbench.setHabits({ keepDrawing: true });
    hand.take("box").drag(40, 10, 60, 30).drag(40, 40, 60, 60);
    expect(hand.workbench.tool).toBe("box");
    expect(hand.changes).toHaveLength(3);
  });
});

describe("polygon", () => {
  const start = (): Hand => new Hand().take("polygon").click(10, 10).click(50, 10).click(30, 50);
  const triangle = { kind: "polygon", outer: [[10, 10], [50, 10], [30, 50]], holes: [] };

  it("closes with Enter", () => {
    const hand = start();
    expect(hand.changes).toEqual([]);
    expect(hand.finish().only.shape).toEqual(triangle);
    expect(hand.changes.map((c) => c.what)).toEqual(["create"]);
  });

  it("closes with a click on the first point", () => {
    const hand = start();
    expect(hand.workbench.preview?.closes).toBe(true);
    expect(hand.click(10.3, 10.4).only.shape).toEqual(triangle);
  });

  it("closes with a double click, whose two clicks are one vertex", () => {
    const hand = new Hand().take("polygon").click(10, 10).click(50, 10).doubleClick(30, 50);
    expect(hand.only.shape).toEqual(triangle);
    expect(hand.moves).toEqual([]);
  });

  it("a right click takes the last point back", () => {
    const hand = start().click(5, 70).down(5, 70, { button: 2 }).finish();
    expect(hand.only.shape).toEqual(triangle);
  });

  it("taking all points back ends the drawing", () => {
    const hand = new Hand().take("polygon").click(10, 10).down(0, 0, { button: 2 });
    expect(hand.workbench.isBusy).toBe(false);
    expect(hand.workbench.preview).toBeUndefined();
  });

  it("cancel drops it", () => {
    const hand = start().cancel();
    expect(hand.workbench.preview).toBeUndefined();
    expect(hand.finish().changes).toEqual([]);
  });

  it("another tool drops it", () => {
    expect(start().take("select").changes).toEqual([]);
  });

  it("two points are no polygon, three on a line neither", () => {
    const hand = new Hand().take("polygon").click(10, 10).click(50, 10).finish();
    expect(hand.complaints).toEqual(["too-few-vertices"]);
    hand.click(30, 10).finish();
    expect(hand.complaints).toEqual(["too-few-vertices", "no-extent"]);
    expect(hand.click(30, 50).finish().changes).toHaveLength(1);
  });

  it("Shift+drag draws freehand, clicks go on from there", () => {
    const hand = new Hand().take("polygon").down(10, 10, { shift: true });
    for (let x = 11; x <= 20; x++) hand.move(x, 10, { shift: true });
    hand.up(20, 10).move(60, 60).click(20, 40).finish();
    const { shape } = hand.only;
    expect(shape.kind === "polygon" && shape.outer.length).toBe(12);
    expect(shape.kind === "polygon" && shape.outer.at(-1)).toEqual([20, 40]);
  });

  it("freehand leaves out what is too near", () => {
    const hand = new Hand().take("polygon").down(10, 10, { shift: true });
    for (let x = 10; x <= 20; x += 0.1) hand.move(x, 10, { shift: true });
    expect(hand.workbench.preview?.points?.length).toBeLessThan(18);
  });

  it("points stay inside the image", () => {
    const hand = new Hand().take("polygon").click(-5, -5).click(500, 0).click(50, 400).finish();
    expect(hand.only.shape).toMatchObject({ outer: [[0, 0], [100, 0], [50, 80]] });
  });
});

describe("polyline and point", () => {
  it("a polyline needs two points", () => {
    const hand = new Hand().take("polyline").click(10, 10).finish();
    expect(hand.complaints).toEqual(["too-few-vertices"]);
    hand.click(30, 10).click(10.2, 10).finish();
    expect(hand.only.shape).toEqual({ kind: "polyline", points: [[10, 10], [30, 10], [10.2, 10]] });
  });

  it("a click places a point, a drag does not", () => {
    const hand = new Hand().take("point").drag(10, 10, 30, 30);
    expect(hand.changes).toEqual([]);
    expect(hand.click(12.5, 20.25).only.shape).toEqual({ kind: "point", x: 12.5, y: 20.25 });
  });
});

describe("pan", () => {
  it("every drag moves the view, whatever lies there", () => {
    const hand = new Hand([annotation("a", boxAt(0, 0, 50, 50))]).take("pan");
    expect(hand.cursor).toBe("grab");
    hand.down(10, 10).move(11, 12);
    expect(hand.cursor).toBe("grabbing");
    hand.up(11, 12).move(50, 50);
    expect(hand.moves).toEqual([{ type: "pan", dx: 10, dy: 20 }]);
    expect(hand.selection).toEqual([]);
  });
});
