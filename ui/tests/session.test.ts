//! Session, library, saving and jobs against the fake core.

import { cleanup, render, screen } from "@testing-library/svelte";
import { beforeEach, describe, expect, it, vi } from "vitest";
import UndoNotes from "../src/components/UndoNotes.svelte";
import { useBackend, type Backend } from "../src/ipc/backend.ts";
import { FAKE_DEFAULTS, FAKE_NAME, FAKE_PASSPHRASE, FAKE_PATH, fakeBackend } from "../src/ipc/fake.ts";
import { app } from "../src/session/app.svelte.ts";
import { guardCopying } from "../src/session/copying.ts";
import { jobs } from "../src/session/jobs.svelte.ts";
import { library } from "../src/session/library.svelte.ts";
import { preferences } from "../src/session/preferences.svelte.ts";
import { saving } from "../src/session/saving.svelte.ts";

let core: Backend;

async function open(options: Partial<typeof FAKE_DEFAULTS> = {}): Promise<void> {
  core = fakeBackend({ ...FAKE_DEFAULTS, delay: 0, stage: "open", ...options });
  useBackend(core);
  app.project = null;
  await app.start();
  const [project] = (await core.projects()).projects;
  if (project) await app.enter(project);
  await vi.waitFor(() => expect(library.total).not.toBeNull());
}

describe("session", () => {
  it("goes from locked to open and back", async () => {
    core = fakeBackend({ ...FAKE_DEFAULTS, delay: 0 });
    useBackend(core);
    await app.start();
    expect(app.stage).toBe("locked");
    await expect(core.vault_unlock(FAKE_PATH, FAKE_NAME, "wrong")).rejects.toMatchObject({ kind: "wrong_credential" });
    await app.opened(await core.vault_unlock(FAKE_PATH, FAKE_NAME, FAKE_PASSPHRASE));
    expect(app.stage).toBe("open");
    expect(app.session?.failures_since).toBe(1);
    await app.lock();
    expect(app.stage).toBe("locked");
    expect(app.session).toBeNull();
    expect(library.project).toBeNull();
  });

  it("begins as the window looked before the program started anew", async () => {
    core = fakeBackend({ ...FAKE_DEFAULTS, delay: 0 });
    useBackend(core);
    const before = preferences.look;
    const front = await core.vault_front(null);
    vi.spyOn(core, "vault_front").mockResolvedValue({ ...front, look: { theme: "contrast", percent: 150 } });
    await app.start();
    expect(preferences.look).toEqual({ theme: "contrast", percent: 150 });
    preferences.takeUp(before);
  });

  it("shows the time left from the last input, told apart by the second", () => {
    app.lastInput = 0;
    app.touched();
    const heard = app.lastInput;
    expect(Date.now() - heard).toBeLessThan(1000);
    app.lastInput = Date.now() + 500;
    const ahead = app.lastInput;
    app.touched();
    expect(app.lastInput).toBe(ahead);
  });

  it("reads permissions from roles", async () => {
    await open({ role: "viewer" });
    expect(app.can("annotation.edit")).toBe(false);
    expect(app.can("project.create")).toBe(false);
    await open();
    expect(app.can("annotation.edit")).toBe(true);
  });
});

describe("library", () => {
  beforeEach(() => open({ items: 1000 }));

  it("fetches pages as they are read and selects across them", async () => {
    expect(library.total).toBe(1000);
    expect(library.row(0)).toBeDefined();
    expect(library.row(900)).toBeUndefined();
    expect((await library.fetchRow(900))?.id).toBe((await library.ids())[900]);
    await library.moveTo(10, "one");
    await library.moveTo(610, "extend");
    expect(library.selected.size).toBe(601);
    library.toggle(10);
    expect(library.selected.size).toBe(600);
  });

  it("waits for a row whose page is on its way, also over a refresh", async () => {
    const ids = await library.ids();
    library.ensure(900, 900);
    expect((await library.fetchRow(900))?.id).toBe(ids[900]);
    library.ensure(300, 300);
    const row = library.fetchRow(300);
    library.refresh();
    expect((await row)?.id).toBe(ids[300]);
  });

  it("filters, and finds names by their start", async () => {
    library.setFilter({ state: "flagged" });
    await vi.waitFor(() => expect(library.total).not.toBeNull());
    expect(library.total).toBeLessThan(1000);
    expect(library.filtered).toBe(true);
    library.clearFilter();
    await vi.waitFor(() => expect(library.total).toBe(1000));
    const at = await library.find("tile-", () => true);
    expect(library.row(at)?.name.startsWith("tile-")).toBe(true);
    expect(await library.find("nothing like it", () => true)).toBe(-1);
  });
});

describe("saving", () => {
  beforeEach(() => open());

  it("says Saved only when the last change is back, in order", async () => {
    const project = app.project?.id ?? "";
    const item = library.row(0)?.id ?? "";
    const sent: string[] = [];
    const edit = core.edit;
    core.edit = async (...given) => {
      sent.push(given[2]);
      await new Promise((resolve) => setTimeout(resolve, sent.length === 1 ? 20 : 0));
      return edit(...given);
    };
    const first = saving.commit(project, item, "one", [{ op: "item_note", note: "a" }]);
    const second = saving.commit(project, item, "two", [{ op: "item_note", note: "b" }]);
    expect(app.saving).toBe("saving");
    await first;
    expect(app.saving).toBe("saving");
    await second;
    expect(app.saving).toBe("saved");
    expect(sent).toEqual(["one", "two"]);
    expect(saving.undoable).toBe(true);
    await saving.step("undo", project);
    expect((await core.item_open(project, item)).note).toBe("a");
    expect(saving.redoable).toBe(true);
  });

  it("stops a held undo before what reaches beyond one item", async () => {
    const project = app.project?.id ?? "";
    const item = library.row(0)?.id ?? "";
    const wide = { gesture: "import", items: [] };
    const edit = core.edit;
    core.edit = async (...given) => ({ ...(await edit(...given)), undo: wide });
    const note = saving.commit(project, item, "one", [{ op: "item_note", note: "a" }]);
    // Asked for before the core has said what comes next.
    const held = saving.step("undo", project, "one-item");
    await note;
    expect(await held).toBeNull();
    expect(saving.held).toEqual(wide);
    expect((await core.item_open(project, item)).note).toBe("a");
    expect(await saving.step("undo", project)).not.toBeNull();
    expect(saving.held).toBeNull();
    expect((await core.item_open(project, item)).note).toBe("");
  });

  it("tells what an undo left as it was, until the next change", async () => {
    const project = app.project?.id ?? "";
    const item = library.row(0)?.id ?? "";
    const undo = core.undo;
    const exceptions = [{ subject: "annotation", part: "geometry", reason: "it was changed since" }];
    core.undo = async (id) => ({ ...(await undo(id)), exceptions, exception_count: 3 });
    await saving.commit(project, item, "one", [{ op: "item_note", note: "a" }]);
    await saving.step("undo", project);
    render(UndoNotes, { undo: () => undefined });
    const shown = screen.getByTestId("undo-exceptions").textContent?.replace(/[\u2068\u2069]/g, "") ?? "";
    expect(shown).toContain("3 parts stay as they are");
    expect(shown).toContain("Annotations, 1 ×: it was changed since");
    expect(shown).toContain("And 2 more");
    await saving.commit(project, item, "two", [{ op: "item_note", note: "b" }]);
    await vi.waitFor(() => expect(screen.queryByTestId("undo-exceptions")).toBeNull());
    cleanup();
  });

  it("keeps the refusal until it is dismissed, and goes on after it", async () => {
    const project = app.project?.id ?? "";
    const item = library.row(0)?.id ?? "";
    const refused = saving.commit(project, item, "x", [{ op: "note", id: "no", note: "" }]);
    const taken = saving.commit(project, item, "y", [{ op: "item_flagged", on: true }]);
    await expect(refused).rejects.toMatchObject({ kind: "not_found" });
    await taken;
    expect((await core.item_open(project, item)).flagged).toBe(true);
    expect(saving.error?.kind).toBe("not_found");
    expect(app.saving).toBe("failed");
    saving.dismiss();
    expect(saving.error).toBeNull();
    expect(app.saving).toBe("saved");
  });
});

describe("jobs", () => {
  beforeEach(() => open());

  it("are followed to their result, and cancelled", async () => {
    const seen: number[] = [];
    const report = await jobs.run<{ blobs: number }>(core.check(), (job) => seen.push(job.done));
    expect(report?.blobs).toBe(1588);
    expect(seen.length).toBeGreaterThan(3);
    const plan = jobs.run(core.import_plan(app.project?.id ?? "", ["/x"]));
    await vi.waitFor(() => expect(jobs.running).toHaveLength(1));
    jobs.cancel(jobs.running[0]?.id ?? "");
    expect(await plan).toBeNull();
  }, 15_000);
});

describe("copying", () => {
  beforeEach(() => open());

  function field(value: string, type: string): HTMLInputElement {
    const input = document.createElement("input");
    input.type = type;
    document.body.append(input);
    input.value = value;
    input.focus();
    input.setSelectionRange(0, 6);
    return input;
  }

  function key(kind: "copy" | "cut"): Event {
    const event = new Event(kind, { bubbles: true, cancelable: true });
    (document.activeElement ?? document.body).dispatchEvent(event);
    return event;
  }

  it("hands what is selected to the core and never to the engine", async () => {
    const copied = vi.spyOn(core, "copy_text");
    const stop = guardCopying(window);
    const input = field("ground truth", "text");
    expect(key("copy").defaultPrevented).toBe(true);
    await vi.waitFor(() => expect(copied).toHaveBeenCalledWith("ground"));
    input.remove();
    const secret = field("correct horse", "password");
    expect(key("copy").defaultPrevented).toBe(true);
    expect(copied).toHaveBeenCalledTimes(1);
    secret.remove();
    stop();
  });

  it("cuts what was selected then, wherever the caret is now", async () => {
    const cut = vi.fn();
    Object.defineProperty(document, "execCommand", { value: cut, configurable: true });
    const stop = guardCopying(window);
    const input = field("ground truth", "text");
    key("cut");
    input.setSelectionRange(12, 12);
    await vi.waitFor(() => expect(cut).toHaveBeenCalledWith("delete"));
    expect([input.selectionStart, input.selectionEnd]).toEqual([0, 6]);
    input.remove();
    stop();
  });

  it("says what the policy refuses, and cuts nothing then", async () => {
    vi.spyOn(core, "copy_text").mockRejectedValue({ kind: "side_door_shut", detail: "No.", remedy: null });
    const stop = guardCopying(window);
    const input = field("ground truth", "text");
    key("cut");
    await vi.waitFor(() => expect(app.problem?.kind).toBe("side_door_shut"));
    expect(input.value).toBe("ground truth");
    input.remove();
    app.problem = null;
    stop();
  });
});

describe("locking", () => {
  beforeEach(() => open());

  it("waits until the last gesture is durable", async () => {
    const order: string[] = [];
    let answer = (): void => undefined;
    vi.spyOn(core, "edit").mockImplementation(async () => {
      await new Promise<void>((resolve) => (answer = resolve));
      order.push("saved");
      return { change: "", seq: 1, saved_at: "", items: [], undo: null, redo: null };
    });
    vi.spyOn(core, "vault_lock").mockImplementation(async () => order.push("locked"));
    const id = app.project?.id ?? "";
    void saving.commit(id, "item", "draw", []);
    const locked = app.lock();
    await vi.waitFor(() => expect(core.edit).toHaveBeenCalled());
    answer();
    await locked;
    expect(order).toEqual(["saved", "locked"]);
  });
});
