//! Components on their own, in a DOM without a layout.

import { cleanup, fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import ErrorNote from "../src/components/ErrorNote.svelte";
import MarkingBanner from "../src/components/MarkingBanner.svelte";
import PrintButton from "../src/components/PrintButton.svelte";
import Progress from "../src/components/Progress.svelte";
import { backend, useBackend } from "../src/ipc/backend.ts";
import { FAKE_DEFAULTS, fakeBackend } from "../src/ipc/fake.ts";
import { app } from "../src/session/app.svelte.ts";
import { commands } from "../src/session/commands.svelte.ts";
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
