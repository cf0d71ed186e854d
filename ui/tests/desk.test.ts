//! What lies on the desk: items that open, fail to open and are left, with changes on their way.

import { beforeEach, describe, expect, it, vi } from "vitest";
import { annotation } from "../src/editor/testing/make.ts";
import { useBackend, type Backend } from "../src/ipc/backend.ts";
import { FAKE_DEFAULTS, fakeBackend } from "../src/ipc/fake.ts";
import { app } from "../src/session/app.svelte.ts";
import { library } from "../src/session/library.svelte.ts";
import { saving } from "../src/session/saving.svelte.ts";
import { Desk } from "../src/views/Annotate/desk.svelte.ts";

let core: Backend;
let desk: Desk;

beforeEach(async () => {
  core = fakeBackend({ ...FAKE_DEFAULTS, delay: 0, stage: "open" });
  useBackend(core);
  app.project = null;
  await app.start();
  const [project] = (await core.projects()).projects;
  if (!project) throw new Error("the fake core has projects");
  await app.enter(project);
  await vi.waitFor(() => expect(library.total).not.toBeNull());
  desk = new Desk(project.id);
  // A host without a layout: neighbours are fetched, nothing is painted.
  vi.spyOn(desk.editor, "mount").mockReturnValue();
  vi.stubGlobal("Image", class { src = ""; decode = () => Promise.resolve(); });
  desk.mount(document.createElement("div"));
});

const idAt = (index: number) => library.row(index)?.id ?? "";

async function open(index: number): Promise<void> {
  app.item = idAt(index);
  await desk.open(idAt(index));
}

/** Draws a point. */
function draw(id: string): void {
  const value = annotation(id, { kind: "point", x: 5, y: 5 });
  desk.commit("create", [{ annotation: id, part: "presence", value }]);
}

/** Lets edits reach the core only when the returned function is called. */
function holdEdits(): () => void {
  const edit = core.edit;
  let letGo = (): void => undefined;
  const held = new Promise<void>((resolve) => (letGo = resolve));
  core.edit = async (...given) => {
    await held;
    return edit(...given);
  };
  return letGo;
}

const shown = (id: string) => desk.editor.document.get(id) !== undefined;

describe("a change on its way", () => {
  it("is on the item when it is come back to, whoever fetched it meanwhile", async () => {
    const letGo = holdEdits();
    await open(0);
    draw("a".repeat(32));
    // Opening the neighbour fetches this one ahead, while the core does not know the change yet.
    const next = open(1);
    await vi.waitFor(() => expect(desk.item?.id).toBe(idAt(1)));
    letGo();
    await next;
    await saving.settled();
    await open(0);
    expect(desk.item?.id).toBe(idAt(0));
    expect(shown("a".repeat(32))).toBe(true);
  });

  it("is on the item when it is come back to before the core has answered", async () => {
    const letGo = holdEdits();
    await open(0);
    draw("b".repeat(32));
    app.item = idAt(1);
    void desk.open(idAt(1));
    await vi.waitFor(() => expect(desk.item?.id).toBe(idAt(1)));
    const back = open(0);
    setTimeout(letGo, 20);
    await back;
    expect(shown("b".repeat(32))).toBe(true);
  });

  it("holds for what is said of the item too", async () => {
    const letGo = holdEdits();
    await open(0);
    const done = desk.item?.done ?? false;
    void desk.commitItem("item-done", { op: "item_done", on: !done });
    app.item = idAt(1);
    void desk.open(idAt(1));
    await vi.waitFor(() => expect(desk.item?.id).toBe(idAt(1)));
    const back = open(0);
    setTimeout(letGo, 20);
    await back;
    expect(desk.item?.done).toBe(!done);
  });

  it("counts for the item that it was made on", async () => {
    const letGo = holdEdits();
    await open(0);
    const before = library.row(0)?.annotations ?? 0;
    draw("c".repeat(32));
    const next = open(1);
    await vi.waitFor(() => expect(desk.item?.id).toBe(idAt(1)));
    const others = library.row(1)?.annotations;
    expect(others).not.toBe(before + 1);
    letGo();
    await next;
    await saving.settled();
    await vi.waitFor(() => expect(library.row(0)?.annotations).toBe(before + 1));
    expect(library.row(1)?.annotations).toBe(others);
  });
});

describe("an item that can't be opened", () => {
  function fail(id: string): void {
    const item = core.item_open;
    core.item_open = (project, which) =>
      which === id ? Promise.reject({ kind: "damaged", detail: "Damaged.", remedy: null }) : item(project, which);
  }

  it("leaves nothing of the one before on the desk", async () => {
    await open(0);
    expect(desk.annotations.length).toBeGreaterThan(0);
    fail(idAt(2));
    await open(2);
    expect(desk.error?.kind).toBe("damaged");
    expect(desk.item).toBeNull();
    expect(desk.annotations).toEqual([]);
    expect(desk.index).toBe(2);
    expect(desk.loading).toBe(false);
    const edit = vi.spyOn(core, "edit");
    await desk.commitItem("item-done", { op: "item_done", on: true });
    expect(edit).not.toHaveBeenCalled();
  });

  it("is forgotten on the way back", async () => {
    await open(0);
    fail(idAt(5));
    await open(5);
    expect(desk.error).not.toBeNull();
    await open(0);
    expect(desk.error).toBeNull();
    expect(desk.item?.id).toBe(idAt(0));
    expect(desk.index).toBe(0);
  });

  it("is closed by the undo that spoils it, and opened by the redo that mends it", async () => {
    await open(0);
    draw("a".repeat(32));
    await vi.waitFor(() => expect(saving.undoable).toBe(true));
    const item = core.item_open;
    fail(idAt(0));
    await desk.undo();
    expect(desk.item).toBeNull();
    expect(desk.error?.kind).toBe("damaged");
    core.item_open = item;
    await desk.redo();
    expect(desk.item?.id).toBe(idAt(0));
    expect(desk.error).toBeNull();
  });

  it("is not waited for when one goes back before it has come", async () => {
    await open(0);
    const item = core.item_open;
    core.item_open = (project, which) => (which === idAt(9) ? new Promise(() => undefined) : item(project, which));
    app.item = idAt(9);
    void desk.open(idAt(9));
    expect(desk.loading).toBe(true);
    await open(0);
    expect(desk.loading).toBe(false);
    expect(desk.index).toBe(0);
  });
});
