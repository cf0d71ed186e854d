//! The document: optimistic changes, confirmation, refusal, news from the core, order, counts.

import { describe, expect, it } from "vitest";
import { intersects } from "../geometry/plane.ts";
import { kindOf } from "../shapes/index.ts";
import { annotation, boxAt, documentOf, randomRing, seeded } from "../testing/make.ts";
import type { Annotation } from "./annotation.ts";
import type { Change, Edit } from "./change.ts";
import { Document, type DocumentEvent } from "./document.ts";

const a = annotation("a", boxAt(0, 0, 10, 10));
const b = annotation("b", boxAt(20, 0, 30, 10));
const moved = boxAt(5, 5, 15, 15);

function apply(document: Document, ...edits: Edit[]): Change {
  const change = document.apply({ what: "annotate", edits });
  if (!change) throw new Error("nothing changed");
  return change;
}

const note = (id: string, value: string): Edit => ({ annotation: id, part: "note", value });
const shape = (id: string, value: Annotation["shape"]): Edit => ({
  annotation: id,
  part: "shape",
  value,
});
const remove = (id: string): Edit => ({ annotation: id, part: "presence", value: null });
const create = (value: Annotation): Edit => ({ annotation: value.id, part: "presence", value });

describe("a change", () => {
  it("shows at once and waits for its answer", () => {
    const document = documentOf(a);
    const change = apply(document, shape("a", moved));
    expect(document.get("a")?.shape).toEqual(moved);
    expect(document.pendingCount).toBe(1);
    document.confirm(change.token);
    expect(document.get("a")?.shape).toEqual(moved);
    expect(document.pendingCount).toBe(0);
  });

  it("is taken back when refused", () => {
    const document = documentOf(a, b);
    const change = apply(document, shape("a", moved), remove("b"));
    expect(document.size).toBe(1);
    document.refuse(change.token);
    expect(document.all()).toEqual([a, b]);
    expect(document.boundsOf("a")).toMatchObject({ minX: 0, maxX: 10 });
  });

  it("stays when an earlier one is refused", () => {
    const document = documentOf(a);
    const first = apply(document, shape("a", moved));
    const second = apply(document, note("a", "blurred"));
    document.refuse(first.token);
    expect(document.get("a")).toEqual({ ...a, note: "blurred" });
    document.confirm(second.token);
    expect(document.get("a")).toEqual({ ...a, note: "blurred" });
  });

  it("goes with the annotation whose creation is refused", () => {
    const document = documentOf();
    const creation = apply(document, create(a));
    const edit = apply(document, note("a", "x"));
    document.refuse(creation.token);
    expect(document.size).toBe(0);
    document.confirm(edit.token);
    expect(document.size).toBe(0);
  });

  it("may be answered out of order", () => {
    const document = documentOf(a);
    const first = apply(document, note("a", "one"));
    const second = apply(document, note("a", "two"));
    document.confirm(second.token);
    document.confirm(first.token);
    expect(document.pendingCount).toBe(0);
  });

  it("that changes nothing is none; idle edits are left out", () => {
    const document = documentOf(a);
    expect(document.apply({ what: "annotate", edits: [note("a", "")] })).toBeUndefined();
    expect(document.apply({ what: "delete", edits: [remove("gone")] })).toBeUndefined();
    expect(document.apply({ what: "annotate", edits: [] })).toBeUndefined();
    expect(apply(document, note("a", ""), note("a", "x")).edits).toEqual([note("a", "x")]);
  });

  it("can edit what it creates", () => {
    const document = documentOf();
    const change = apply(document, create(a), note("a", "copy"));
    expect(change.edits).toHaveLength(2);
    expect(document.get("a")?.note).toBe("copy");
  });

  it("unknown tokens are ignored", () => {
    const document = documentOf(a);
    document.confirm(99);
    document.refuse(99);
    expect(document.all()).toEqual([a]);
  });
});

describe("news from the core", () => {
  it("puts, replaces and removes", () => {
    const document = documentOf(a);
    document.applyRemote({ put: [{ ...a, note: "seen" }, b], remove: [] });
    expect(document.get("a")?.note).toBe("seen");
    document.applyRemote({ put: [], remove: ["a", "never"] });
    expect(document.all()).toEqual([b]);
  });

  it("leaves waiting changes on top", () => {
    const document = documentOf(a);
    const change = apply(document, note("a", "mine"));
    document.applyRemote({ put: [{ ...a, note: "theirs", flagged: true }], remove: [] });
    expect(document.get("a")).toMatchObject({ note: "mine", flagged: true });
    document.refuse(change.token);
    expect(document.get("a")).toMatchObject({ note: "theirs", flagged: true });
  });

  it("an undone deletion comes back at its place", () => {
    const document = documentOf(a, b);
    document.confirm(apply(document, remove("a")).token);
    document.applyRemote({ put: [a], remove: [] });
    expect(document.all().map((x) => x.id)).toEqual(["a", "b"]);
  });
});

describe("listeners", () => {
  it("learn what changed and where, and nothing when nothing is seen", () => {
    const document = documentOf(a, b);
    const heard: DocumentEvent[] = [];
    const stop = document.subscribe((event) => heard.push(event));
    const change = apply(document, shape("a", boxAt(50, 50, 60, 60)));
    expect(heard).toEqual([{ ids: ["a"], dirty: { minX: 0, minY: 0, maxX: 60, maxY: 60 } }]);
    document.confirm(change.token);
    expect(heard).toHaveLength(1);
    apply(document, remove("b"));
    expect(heard[1]).toEqual({ ids: ["b"], dirty: { minX: 20, minY: 0, maxX: 30, maxY: 10 } });
    stop();
    apply(document, remove("a"));
    expect(heard).toHaveLength(2);
  });
});

describe("order and counts", () => {
  it("goes by drawing order, then by arrival", () => {
    const document = documentOf(a, b, annotation("c", moved, { zOrder: -1 }));
    expect(document.all().map((x) => x.id)).toEqual(["c", "a", "b"]);
    apply(document, { annotation: "a", part: "zOrder", value: 3 });
    expect(document.all().map((x) => x.id)).toEqual(["c", "b", "a"]);
    expect(document.topOrder()).toBe(3);
    expect(document.search({ minX: 0, minY: 0, maxX: 99, maxY: 99 }).map((x) => x.id)).toEqual([
      "c",
      "b",
      "a",
    ]);
  });

  it("counts per label through every kind of change", () => {
    const document = documentOf(a, { ...b, labelId: "bus" });
    expect(Object.fromEntries(document.counts())).toEqual({ car: 1, bus: 1 });
    const relabel = apply(document, { annotation: "a", part: "label", value: "bus" });
    expect(Object.fromEntries(document.counts())).toEqual({ bus: 2 });
    document.refuse(relabel.token);
    apply(document, remove("b"));
    expect(Object.fromEntries(document.counts())).toEqual({ car: 1 });
  });
});

describe("search", () => {
  it("finds what looking at each annotation finds, through many random changes", () => {
    const random = seeded(5);
    const ring = (): Annotation["shape"] => ({
      kind: "polygon",
      outer: randomRing(random, 100 * random(), 80 * random(), 1 + 8 * random(), 8),
      holes: [],
    });
    const document = new Document(
      { id: "item", width: 100, height: 80 },
      Array.from({ length: 300 }, (_, i) => annotation(`n${i}`, ring())),
    );
    const waiting: number[] = [];
    for (let step = 0; step < 400; step++) {
      const id = `n${Math.floor(330 * random())}`;
      const dice = random();
      const present = document.get(id) !== undefined;
      const edit = !present ? create(annotation(id, ring())) : dice < 0.3 ? remove(id) : shape(id, ring());
      waiting.push(apply(document, edit).token);
      const token = waiting[Math.floor(waiting.length * random())] as number;
      if (dice < 0.4) document.confirm(token);
      else if (dice < 0.6) document.refuse(token);
      else if (dice < 0.7) document.applyRemote({ put: [annotation(id, ring())], remove: [] });

      const area = { minX: 100 * random(), minY: 80 * random(), maxX: 0, maxY: 0 };
      const seen = { ...area, maxX: area.minX + 30, maxY: area.minY + 30 };
      const slow = document.all().filter((x) => intersects(kindOf(x.shape).bounds(x.shape), seen));
      expect(document.search(seen).map((x) => x.id)).toEqual(slow.map((x) => x.id));
    }
    const counted = [...document.counts().values()].reduce((sum, n) => sum + n, 0);
    expect(counted).toBe(document.size);
  });
});
