//! Components on their own, in a DOM without a layout.

import Flag from "@lucide/svelte/icons/flag";
import { cleanup, fireEvent, render, screen } from "@testing-library/svelte";
import { createRawSnippet } from "svelte";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import Button from "../src/components/Button.svelte";
import ErrorNote from "../src/components/ErrorNote.svelte";
import IconButton from "../src/components/IconButton.svelte";
import MarkingBanner from "../src/components/MarkingBanner.svelte";
import PrintButton from "../src/components/PrintButton.svelte";
import Progress from "../src/components/Progress.svelte";
import TextField from "../src/components/TextField.svelte";
import { backend, useBackend } from "../src/ipc/backend.ts";
import { FAKE_DEFAULTS, fakeBackend } from "../src/ipc/fake.ts";
import { app } from "../src/session/app.svelte.ts";
import { commands } from "../src/session/commands.svelte.ts";
import { library } from "../src/session/library.svelte.ts";
import type { Desk } from "../src/views/Annotate/desk.svelte.ts";
import LabelBar from "../src/views/Annotate/LabelBar.svelte";
import ToolBar from "../src/views/Annotate/ToolBar.svelte";
import Receive from "../src/views/Exchange/Receive.svelte";
import SendResult from "../src/views/Exchange/SendResult.svelte";
import FolderTree from "../src/views/Library/FolderTree.svelte";
import KeySettings from "../src/views/Settings/KeySettings.svelte";
import Projects from "../src/views/Projects/Projects.svelte";
import Setup from "../src/views/Setup/Setup.svelte";

afterEach(cleanup);

describe("banner", () => {
  it("keeps a text that it does not know and wears the highest colour", () => {
    render(MarkingBanner, { marking: "NATO//X", place: "top" });
    const banner = screen.getByTestId("marking-top");
    expect(banner.textContent).toContain("NATO//X");
    expect(banner.className).toContain("sci");
  });

  it("is absent without a marking", () => {
    render(MarkingBanner, { marking: null, place: "top" });
    expect(screen.queryByTestId("marking-top")).toBeNull();
  });
});

describe("error", () => {
  it("says what happened and what to do, and tries again", async () => {
    const retry = vi.fn();
    render(ErrorNote, { error: { kind: "x", detail: "What happened.", remedy: "What to do." }, retry });
    expect(screen.getByRole("alert").textContent).toMatch(/What happened\..*What to do\./s);
    await fireEvent.click(screen.getByTestId("error-retry"));
    expect(retry).toHaveBeenCalledOnce();
  });
});

describe("progress", () => {
  it("tells how far, how fast and how long", () => {
    render(Progress, {
      job: { id: "1", what: "import", state: "running", done: 50, total: 200, bytes_done: 1_048_576, bytes_total: 4_194_304, seconds: 2, error: null, result: null },
    });
    expect(screen.getByRole("progressbar").getAttribute("aria-valuenow")).toBe("25");
    const text = document.body.textContent?.replace(/[\u2068\u2069]/g, "") ?? "";
    expect(text).toContain("50 of 200");
    expect(text).toContain("512 KiB/s");
    expect(text).toContain("0:06 left");
  });
});

describe("printing", () => {
  const press = () => fireEvent.keyDown(window, { key: "p", code: "KeyP", ctrlKey: true });
  let printed = vi.fn();
  beforeEach(() => {
    const fake = fakeBackend(FAKE_DEFAULTS);
    printed = vi.fn(() => Promise.resolve(null));
    useBackend({ ...fake, print_page: printed });
  });

  it("has a button, a key and a place in the palette", async () => {
    render(PrintButton, { page: "manual", allowed: true });
    await fireEvent.click(screen.getByTestId("print"));
    await press();
    expect(commands.run("page.print")).toBe(true);
    expect(printed.mock.calls).toEqual([["manual"], ["manual"], ["manual"]]);
  });

  it("has none of them where it is not allowed", async () => {
    render(PrintButton, { page: "manual", allowed: false });
    expect(screen.queryByTestId("print")).toBeNull();
    await press();
    expect(commands.run("page.print")).toBe(false);
    expect(printed).not.toHaveBeenCalled();
  });
});

describe("projects", () => {
  it("shows one that can't be opened beside the others", async () => {
    const core = fakeBackend({ ...FAKE_DEFAULTS, delay: 0, stage: "open" });
    const { projects } = await core.projects();
    const error = { kind: "damaged", detail: "Its database is damaged.", remedy: "Restore it." };
    core.projects = () => Promise.resolve({ projects, damaged: [{ id: "c0ffee", error }] });
    useBackend(core);
    render(Projects);
    const damaged = await screen.findByTestId("project-damaged");
    expect(damaged.textContent).toMatch(/c0ffee.*Its database is damaged\..*Restore it\./s);
    expect(screen.getAllByTestId("project-open")).toHaveLength(projects.length);
  });
});

describe("first run", () => {
  beforeEach(async () => {
    useBackend(fakeBackend({ ...FAKE_DEFAULTS, stage: "setup", delay: 0 }));
    await app.start();
    render(Setup);
  });

  const next = () => screen.getByTestId<HTMLButtonElement>("setup-next");

  it("says at once which folder is missing for a vault's folder", async () => {
    const front = await backend().vault_front(null);
    const missing = { ...front, exists: false, missing_parent: "/nowhere" };
    vi.spyOn(backend(), "vault_front").mockResolvedValue(missing);
    await fireEvent.click(next());
    expect((await screen.findByTestId("setup-error")).textContent).toContain("/nowhere");
    expect(screen.queryByTestId("setup-officer")).toBeNull();
  });

  it("suggests the folder that was looked at where no vault is there", async () => {
    cleanup();
    await app.start("/srv/looked-at");
    render(Setup);
    expect(screen.getByTestId<HTMLInputElement>("setup-path").value).toBe("/srv/looked-at");
  });

  it("wants fifteen characters, twice the same", async () => {
    await fireEvent.click(next());
    await fireEvent.input(await screen.findByTestId("setup-officer"), { target: { value: "m" } });
    const type = async (first: string, second: string) => {
      await fireEvent.input(screen.getByTestId("setup-passphrase"), { target: { value: first } });
      await fireEvent.input(screen.getByTestId("setup-passphrase-again"), { target: { value: second } });
    };
    await type("fourteen chars", "fourteen chars");
    expect(next().disabled).toBe(true);
    expect(screen.getByTestId("setup-strength").textContent).toContain("One more");
    await type("green ladder seven", "green ladder sevem");
    expect(next().disabled).toBe(true);
    expect(screen.getByRole("alert").textContent).toContain("differ");
    await type("green ladder seven", "green ladder seven");
    expect(next().disabled).toBe(false);
  });
});

describe("a button that can't be used", () => {
  const words = createRawSnippet(() => ({ render: () => "<span>Import</span>" }));
  const press = vi.fn();
  beforeEach(() => press.mockClear());

  const pressed = async (button: HTMLElement) => {
    button.focus();
    await fireEvent.click(button);
    return { reached: document.activeElement === button, done: press.mock.calls.length > 0 };
  };
  const description = (button: HTMLElement) =>
    document.getElementById(button.getAttribute("aria-describedby") ?? "")?.textContent;

  it("is reached by keys, says why and does nothing", async () => {
    render(Button, { reason: "You may not.", onclick: press, children: words });
    const button = screen.getByRole("button");
    expect(button.getAttribute("aria-disabled")).toBe("true");
    expect(description(button)).toBe("You may not.");
    expect(await pressed(button)).toEqual({ reached: true, done: false });
  });

  it("submits nothing", async () => {
    render(Button, { reason: "You may not.", submit: true, children: words });
    expect(await fireEvent.click(screen.getByRole("button"))).toBe(false);
  });

  it("is the same as a picture, and has its words back without a reason", async () => {
    const { rerender } = render(IconButton, { icon: Flag, label: "Flag", reason: "In use.", onclick: press });
    const held = screen.getByRole("button", { name: "Flag" });
    expect([held.title, description(held)]).toEqual(["In use.", "In use."]);
    expect(await pressed(held)).toEqual({ reached: true, done: false });
    await rerender({ reason: null });
    const free = screen.getByRole("button", { name: "Flag" });
    expect([free.title, free.getAttribute("aria-disabled")]).toEqual(["Flag", null]);
    expect(await pressed(free)).toEqual({ reached: true, done: true });
  });

  it("keeps a title that it was given", () => {
    render(IconButton, { icon: Flag, label: "Flag", keys: "F", title: "Explained" });
    expect(screen.getByRole("button").title).toBe("Explained");
  });
});

describe("toolbars", () => {
  const stops = () => screen.getAllByRole("button").filter(({ tabIndex }) => tabIndex === 0);
  const focused = () => (document.activeElement as HTMLElement).dataset["testid"];
  const key = (name: string) => fireEvent.keyDown(document.activeElement ?? document.body, { key: name });
  const desk = (readOnly: boolean) =>
    ({ tool: "select", readOnly, crosshair: false, label: null, counts: new Map() }) as unknown as Desk;

  it("are one stop of Tab, and arrows walk through the tools that can be had", async () => {
    render(ToolBar, { desk: desk(true) });
    expect(stops().map(({ dataset }) => dataset["testid"])).toEqual(["tool-select"]);
    screen.getByTestId("tool-select").focus();
    expect(await key("ArrowDown")).toBe(false);
    expect(focused()).toBe("tool-pan");
    expect(stops()).toHaveLength(1);
    await key("End");
    expect(focused()).toBe("crosshair");
    await key("ArrowUp");
    expect(focused()).toBe("zoom-fit");
    await key("Home");
    expect(focused()).toBe("tool-select");
  });

  it("leave other keys to the screen", async () => {
    render(ToolBar, { desk: desk(false) });
    screen.getByTestId("tool-select").focus();
    expect(await key("ArrowRight")).toBe(true);
    expect(await key("n")).toBe(true);
    expect(await fireEvent.keyDown(screen.getByTestId("tool-select"), { key: "ArrowDown", ctrlKey: true })).toBe(true);
    expect(focused()).toBe("tool-select");
  });

  it("keep a stop when labels go", async () => {
    const label = (name: string) => ({ id: name, name, color: "#000000", key: null, count: 0 });
    library.labels = [label("a"), label("b"), label("c")];
    render(LabelBar, { desk: desk(false), choose: () => undefined, manage: () => undefined });
    const chips = () => screen.getAllByTestId("label-chip");
    chips()[0]?.focus();
    await key("ArrowRight");
    expect(document.activeElement).toBe(chips()[1]);
    library.labels = [label("a"), label("c")];
    await vi.waitFor(() => expect(chips().map(({ tabIndex }) => tabIndex)).toEqual([0, -1]));
    library.labels = [];
  });
});

describe("folders", () => {
  it("keep a stop of Tab when the chosen one is folded away", async () => {
    library.folders = [{ path: "a/b", items: 1 }];
    library.filter = { ...library.filter, folder: "a/b" };
    render(FolderTree);
    const stop = () => screen.getAllByRole("treeitem").filter(({ tabIndex }) => tabIndex === 0);
    expect(stop().map(({ dataset }) => dataset["path"])).toEqual(["a/b"]);
    await fireEvent.keyDown(screen.getAllByTestId("folder")[0] ?? document.body, { key: "ArrowLeft" });
    expect(stop()).toEqual([screen.getAllByRole("treeitem")[0]]);
    library.close();
  });
});

describe("a project with very many folders", () => {
  it("says how many are not listed", () => {
    library.folders = [{ path: "a", items: 1 }];
    library.furtherFolders = 4000;
    library.everywhere = 9000;
    render(FolderTree);
    expect(screen.getByRole("tree").textContent).toMatch(/4,000.? more folders are not listed/);
    expect(screen.getAllByRole("treeitem")[0]?.textContent).toContain("9,000");
    library.close();
  });
});

describe("setting a key", () => {
  it("says that it waits for one", async () => {
    render(KeySettings);
    const button = screen.getAllByRole("button", { name: /^Change the key of/ })[0] ?? document.body;
    await fireEvent.click(button);
    expect(button.getAttribute("aria-label")).toMatch(/^Press keys…/);
  });
});

describe("a field with a list", () => {
  it("has its hint above, where the list does not cover it", () => {
    render(TextField, { label: "Marking", value: "", hint: "Read me", list: ["SECRET"], testid: "field" });
    const order = screen.getByText("Read me").compareDocumentPosition(screen.getByTestId("field"));
    expect(order & Node.DOCUMENT_POSITION_FOLLOWING).toBeTruthy();
  });
});

describe("the result of an export", () => {
  const report = { path: "/x/a.bag.zip", bytes: 1, bundle: "b", sha512: "00", fingerprint: "SHA256:f", audit_code: "A", verified: true };
  const result = () => screen.getByTestId("export-result");

  it("calls a sealed bundle sealed, and claims no verification", () => {
    render(SendResult, { report: { ...report, verified: false }, sealed: true });
    expect(result().className).toContain("information");
    expect(result().textContent).toContain("sealed");
  });

  it("is an error where an open bundle does not read back", () => {
    render(SendResult, { report: { ...report, verified: false }, sealed: false });
    expect(result().className).toContain("danger");
  });

  it("names the digest after what it is of", () => {
    render(SendResult, { report, sealed: false });
    expect(screen.getByTestId("export-sha512").closest("dd")?.previousElementSibling?.textContent).toContain("tagmanifest-sha512.txt");
  });
});

describe("an unknown signer", () => {
  it("is accepted with the whole fingerprint, and each character counts while it is typed", async () => {
    useBackend(fakeBackend({ ...FAKE_DEFAULTS, stage: "open", delay: 0 }));
    await app.start();
    render(Receive);
    const path = screen.getByTestId<HTMLInputElement>("browse-path");
    await vi.waitFor(() => expect(path.value).not.toBe(""));
    await fireEvent.input(path, { target: { value: "/media/STICK/harbour.bag.zip" } });
    await fireEvent.keyDown(path, { key: "Enter" });
    const next = () => screen.getByTestId<HTMLButtonElement>("receive-next");
    await vi.waitFor(() => expect(next().disabled).toBe(false));
    await fireEvent.click(next());
    const fingerprint = (await screen.findByTestId("receive-fingerprint", {}, { timeout: 5000 })).textContent ?? "";
    const type = (value: string) => fireEvent.input(screen.getByTestId("receive-confirm"), { target: { value } });
    const said = () => screen.getByTestId("receive-agreeing").textContent?.replace(/[\u2068\u2069]/g, "").trim();
    await type(fingerprint.slice(0, 19));
    expect(said()).toBe("12 of 43 characters agree so far.");
    await type(fingerprint.slice(-8));
    expect(screen.getByRole("alert").textContent).toContain("differs");
    expect(next().disabled).toBe(true);
    await type(fingerprint);
    expect(said()).toBe("The whole fingerprint agrees.");
    expect(next().disabled).toBe(false);
  }, 15_000);
});
