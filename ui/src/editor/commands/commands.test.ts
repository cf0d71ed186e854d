//! Commands, as keys and menus run them.

import { describe, expect, it } from "vitest";
import { Hand } from "../testing/hand.ts";
import { annotation, boxAt } from "../testing/make.ts";
import { allowedEdits } from "../workbench/locks.ts";
import { SELECTED_IN_SCENE } from "../workbench/workbench.ts";
import { Clipboard } from "./clipboard.ts";
import { canRun, runCommand } from "./run.ts";
import type { CommandTarget } from "./target.ts";

const a = annotation("a", boxAt(10, 10, 30, 30));
const b = annotation("b", boxAt(50, 10, 70, 30));
const LABELS = [
  { id: "car", name: "Car", color: "#111111" },
  { id: "bus", name: "Bus", color: "#222222", key: "7" },
  { id: "van", name: "Van", color: "#333333" },
];

function desk(hand: Hand) {
  let ids = 0;
  let keyPointer = { x: 50, y: 40 };
  const revealed: string[] = [];
  const target: CommandTarget = {
    workbench: hand.workbench,
    labels: LABELS,
    clipboard: new Clipboard(),
    newId: () => `copy${++ids}`,
    view: {
      fit: () => hand.moves.push({ type: "fit" }),
      zoomTo: () => undefined,
      zoomBy: () => undefined,
      reveal: (some) => revealed.push(...some),
      toggleCrosshair: () => undefined,
      scale: () => 4,
      keyPointer: () => keyPointer,
      setKeyPointer: (at) => (keyPointer = at),
      toScreen: (at) => ({ x: at.x * 4, y: at.y * 4 }),
    },
  };
  return { run: (id: string) => runCommand(id, target), can: (id: string) => canRun(id, target), revealed };
}

describe("flags and order", () => {
  it.each([
    ["object.occluded", "occluded"],
    ["object.truncated", "truncated"],
    ["object.flag", "flagged"],
    ["object.lock", "locked"],
    ["object.hide", "hidden"],
  ] as const)("%s switches all selected on, then off, one change each", (command, part) => {
    const hand = new Hand([{ ...a, [part]: true }, b]).select("a", "b");
    const { run } = desk(hand);
    run(command);
    expect(hand.workbench.document.all().map((x) => x[part])).toEqual([true, true]);
    expect(hand.changes[0]?.edits).toHaveLength(1);
    run(command);
    const locked = part === "locked";
    expect(hand.workbench.document.all().map((x) => x[part])).toEqual([false, false]);
    expect(hand.changes).toHaveLength(2);
    expect(locked || hand.complaints.length === 0).toBe(true);
  });

  it("raise and lower", () => {
    const hand = new Hand([a, b]).select("a");
    const { run } = desk(hand);
    run("order.raise");
    expect(hand.workbench.document.all().map((x) => x.id)).toEqual(["b", "a"]);
    run("order.lower");
    run("order.lower");
    expect(hand.workbench.document.get("a")?.zOrder).toBe(-1);
  });

  it("what is locked keeps its content, and may be unlocked, hidden, flagged and noted", () => {
    const locked = { ...a, locked: true };
    const hand = new Hand([locked, b]).select("a");
    const { run } = desk(hand);
    expect(run("edit.delete")).toBe(false);
    expect(run("object.occluded")).toBe(false);
    expect(hand.complaints).toEqual(["locked", "locked"]);
    expect(run("object.flag")).toBe(true);
    hand.select("a", "b");
    expect(run("edit.delete")).toBe(true);
    expect(hand.workbench.document.all().map((x) => x.id)).toEqual(["a"]);
    expect(
      allowedEdits(hand.workbench.document, [
        { annotation: "a", part: "locked", value: false },
        { annotation: "a", part: "note", value: "x" },
        { annotation: "a", part: "label", value: "bus" },
      ]).map((edit) => edit.part),
    ).toEqual(["locked", "note"]);
  });

  it("without a selection there is nothing to do", () => {
    const { run, can } = desk(new Hand([a]));
    for (const id of ["edit.delete", "edit.copy", "object.flag", "order.raise", "edit.duplicate"]) {
      expect(can(id), id).toBe(false);
      expect(run(id), id).toBe(false);
    }
  });
});

describe("delete, copy, paste", () => {
  it("deletes all selected in one change and drops the selection", () => {
    const hand = new Hand([a, b]).select("a", "b");
    expect(desk(hand).run("edit.delete")).toBe(true);
    expect(hand.workbench.document.size).toBe(0);
    expect(hand.changes).toHaveLength(1);
    expect(hand.selection).toEqual([]);
  });

  it("pastes beside the original, each time farther, and selects the copies", () => {
    const hand = new Hand([{ ...a, note: "n", occluded: true, locked: true }]).select("a");
    const { run } = desk(hand);
    run("edit.copy");
    run("edit.paste");
    expect(hand.selection).toEqual(["copy1"]);
    expect(hand.bounds("copy1")).toBe("13 13 33 33");
    expect(hand.workbench.document.get("copy1")).toMatchObject({
      note: "n",
      occluded: true,
      locked: false,
    });
    // The core creates an annotation plain; its other parts follow in the same change.
    expect(hand.changes[0]?.edits.map((e) => e.part)).toEqual(["presence", "note", "occluded"]);
    run("edit.paste");
    expect(hand.bounds("copy2")).toBe("16 16 36 36");
    expect(hand.changes).toHaveLength(2);
  });

  it("on another item it pastes at the same place, moved inside if need be", () => {
    const hand = new Hand([b]).select("b");
    const { run } = desk(hand);
    run("edit.copy");
    hand.workbench.open({ id: "other", width: 100, height: 80 }, []);
    run("edit.paste");
    expect(hand.bounds("copy1")).toBe("50 10 70 30");
    hand.workbench.open({ id: "small", width: 40, height: 20 }, []);
    run("edit.paste");
    expect(hand.bounds("copy2")).toBe("20 0 40 20");
  });

  it("duplicates without touching what was copied", () => {
    const hand = new Hand([a, b]).select("a");
    const { run } = desk(hand);
    run("edit.copy");
    hand.select("b");
    run("edit.duplicate");
    expect(hand.bounds("copy1")).toBe("53 13 73 33");
    run("edit.paste");
    expect(hand.bounds("copy2")).toBe("13 13 33 33");
  });
});

describe("labels", () => {
  it("a label's own key wins, others go by place", () => {
    const hand = new Hand([a]).select("a");
    const { run } = desk(hand);
    expect(run("label.7")).toBe(true);
    expect(hand.workbench.document.get("a")?.labelId).toBe("bus");
    expect(hand.workbench.label).toBe("bus");
    expect(run("label.3")).toBe(true);
    expect(hand.workbench.document.get("a")?.labelId).toBe("van");
    // The second place is taken by a label with another key.
    expect(run("label.2")).toBe(false);
    expect(run("label.0")).toBe(false);
    expect(hand.changes.map((c) => c.what)).toEqual(["relabel", "relabel"]);
  });

  it("while drawing it is the label of what is drawn", () => {
    const hand = new Hand([a]).select("a").take("polygon").click(40, 40).click(60, 40);
    desk(hand).run("label.3");
    hand.click(50, 60).finish();
    expect(hand.workbench.document.get("a")?.labelId).toBe("car");
    expect(hand.workbench.document.all().at(-1)?.labelId).toBe("van");
  });
});

describe("walking by keyboard", () => {
  it("goes through what is shown and stops at either end, so that focus can leave", () => {
    const hand = new Hand([a, { ...b, hidden: true }, annotation("c", boxAt(0, 0, 5, 5))]);
    const { run, revealed } = desk(hand);
    expect(run("object.next")).toBe(true);
    expect(hand.selection).toEqual(["a"]);
    expect(run("object.next")).toBe(true);
    expect(hand.selection).toEqual(["c"]);
    expect(run("object.next")).toBe(false);
    expect(run("object.previous")).toBe(true);
    expect(run("object.previous")).toBe(false);
    expect(revealed).toEqual(["a", "c", "a"]);
  });

  it("selects all that is shown", () => {
    const hand = new Hand([a, { ...b, hidden: true }]);
    desk(hand).run("edit.selectAll");
    expect(hand.selection).toEqual(["a"]);
  });

  it("draws without a mouse", () => {
    const hand = new Hand().take("box");
    const { run } = desk(hand);
    run("draw.place");
    for (let i = 0; i < 2; i++) run("nudge.right.far");
    run("nudge.down.far");
    expect(hand.workbench.preview?.shapes?.[0]?.shape).toEqual(boxAt(50, 40, 70, 50));
    run("draw.place");
    expect(hand.only.shape).toEqual(boxAt(50, 40, 70, 50));
    run("nudge.left");
    expect(hand.bounds(hand.only.id)).toBe("49 40 69 50");
  });
});

describe("drawing", () => {
  it("N draws with the last tool, finishes, and puts an idle tool away", () => {
    const hand = new Hand().take("polygon").take("select");
    const { run } = desk(hand);
    run("draw.toggle");
    expect(hand.workbench.tool).toBe("polygon");
    hand.click(10, 10).click(30, 10).click(20, 30);
    run("draw.toggle");
    expect(hand.changes).toHaveLength(1);
    expect(hand.workbench.tool).toBe("select");
    run("draw.toggle");
    run("draw.toggle");
    expect(hand.workbench.tool).toBe("select");
  });

  it("Shift+N draws the selected annotation anew: one change of its shape", () => {
    const hand = new Hand([{ ...a, labelId: "bus", note: "kept" }]).select("a");
    hand.workbench.setLabel(null);
    desk(hand).run("draw.again");
    expect(hand.workbench.tool).toBe("box");
    hand.drag(40, 40, 60, 60);
    expect(hand.only).toMatchObject({ id: "a", note: "kept", shape: boxAt(40, 40, 60, 60) });
    expect(hand.changes.map((c) => c.what)).toEqual(["reshape"]);
    expect(hand.selection).toEqual(["a"]);
    expect(hand.workbench.tool).toBe("select");
  });

  it("Escape gives up the drawing, then the tool, then the selection, then nothing", () => {
    const hand = new Hand([a]).select("a").take("polygon").click(60, 60);
    const { run } = desk(hand);
    expect(run("edit.cancel")).toBe(true);
    expect(hand.workbench.tool).toBe("polygon");
    expect(run("edit.cancel")).toBe(true);
    expect(hand.workbench.tool).toBe("select");
    expect(hand.selection).toEqual(["a"]);
    expect(run("edit.cancel")).toBe(true);
    expect(hand.selection).toEqual([]);
    expect(run("edit.cancel")).toBe(false);
    expect(hand.changes).toEqual([]);
  });

  it("an unknown command is not the editor's", () => {
    expect(desk(new Hand()).run("item.next")).toBe(false);
  });
});

describe("the workbench", () => {
  it("refused: the change is taken back, and the reason told", () => {
    const hand = new Hand([a]);
    const reasons: string[] = [];
    hand.workbench.events.on("refused", ({ reason }) => reasons.push(reason));
    hand.drag(20, 20, 25, 25);
    const token = hand.changes[0]?.token as number;
    hand.workbench.refuse(token, "the disk is full");
    expect(hand.bounds("a")).toBe("10 10 30 30");
    expect(reasons).toEqual(["the disk is full"]);
  });

  it("an annotation that goes leaves the selection and the hover", () => {
    const hand = new Hand([a, b]).select("a", "b").move(20, 20);
    expect(hand.workbench.hovered).toBe("a");
    hand.workbench.applyRemote({ put: [], remove: ["a"] });
    expect(hand.selection).toEqual(["b"]);
    expect(hand.workbench.hovered).toBeNull();
  });

  it("another item starts clean", () => {
    const hand = new Hand([a]).select("a").take("polygon").click(50, 50);
    hand.workbench.open({ id: "next", width: 10, height: 10 }, []);
    expect(hand.workbench.isBusy).toBe(false);
    expect(hand.selection).toEqual([]);
    expect(hand.workbench.preview).toBeUndefined();
  });

  it("moves thousands together in one change", () => {
    const crowd = Array.from({ length: 10 * SELECTED_IN_SCENE }, (_, i) =>
      annotation(`n${i}`, boxAt(10, 10, 30, 30)),
    );
    const hand = new Hand(crowd);
    desk(hand).run("edit.selectAll");
    hand.drag(20, 20, 25, 20);
    expect(hand.changes).toHaveLength(1);
    expect(hand.changes[0]?.edits).toHaveLength(crowd.length);
  });
});
