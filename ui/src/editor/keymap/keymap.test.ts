//! Keymaps: chords, presets, conflicts, rebinding, and resting while text is typed.

import { describe, expect, it } from "vitest";
import { COMMANDS } from "../commands/catalogue.ts";
import { isEditorCommand } from "../commands/run.ts";
import { chordOf, formatChord, parseChord, type KeyPress } from "./chord.ts";
import { findConflicts } from "./conflicts.ts";
import { chordsFor, KeymapError, parseKeymap, rebind } from "./keymap.ts";
import { loadKeymap, PRESET_IDS } from "./presets.ts";
import { resolve, type TypedPress } from "./resolve.ts";

const canvas = { inCanvas: true, drawing: false };
const drawing = { inCanvas: true, drawing: true };
const elsewhere = { inCanvas: false, drawing: false };

function press(key: string, code: string, held = "", more: Partial<TypedPress> = {}): TypedPress {
  return {
    key,
    code,
    ctrlKey: held.includes("c"),
    metaKey: held.includes("m"),
    altKey: held.includes("a"),
    shiftKey: held.includes("s"),
    ...more,
  };
}

const said = (p: KeyPress): string | undefined => {
  const chord = chordOf(p);
  return chord && formatChord(chord);
};

describe("chords", () => {
  it.each(["Ctrl+Shift+Z", "A", "F11", "-", "+", "Ctrl++", "Alt+Delete", "Shift+ArrowLeft", "0"])(
    "%s reads as it is written",
    (text) => {
      const chord = parseChord(text);
      expect(chord && formatChord(chord)).toBe(text);
    },
  );

  it.each(["", "Ctrl+", "a", "Hyper+A", "Ctrl+Ctrl+A", "AB", "F13"])("%j is none", (text) => {
    expect(parseChord(text)).toBeUndefined();
  });

  it.each<[string, KeyPress, string | undefined]>([
    ["a letter", press("d", "KeyD"), "D"],
    ["a letter with Shift", press("N", "KeyN", "s"), "Shift+N"],
    ["Command is Ctrl", press("z", "KeyZ", "m"), "Ctrl+Z"],
    ["the letter typed, not its place (Dvorak)", press("e", "KeyD"), "E"],
    ["a Cyrillic layout goes by place", press("в", "KeyD"), "D"],
    ["digits of the French row, typed with Shift", press("&", "Digit1", "c"), "Ctrl+1"],
    ["digits of the number pad", press("5", "Numpad5"), "5"],
    ["+ takes Shift on a US keyboard", press("+", "Equal", "s"), "+"],
    ["+ on the number pad", press("+", "NumpadAdd"), "+"],
    ["Space by name", press(" ", "Space"), "Space"],
    ["a modifier alone", press("Shift", "ShiftLeft", "s"), undefined],
    ["a dead key", press("Dead", "BracketLeft"), undefined],
  ])("%s", (_name, pressed, chord) => {
    expect(said(pressed)).toBe(chord);
  });
});

describe.each([...PRESET_IDS])("preset %s", (id) => {
  const keymap = loadKeymap(id);

  it("has no conflicts", () => {
    expect(findConflicts(keymap)).toEqual([]);
  });

  it("leaves hardly a command without a key", () => {
    const bound = new Set(keymap.bindings.map((b) => b.command));
    const without = COMMANDS.map((c) => c.id).filter((c) => !bound.has(c));
    // Tools of labelme go by its own keys; the two ways to toggle drawing exclude each other.
    expect(without.length).toBeLessThanOrEqual(id === "cvat" ? 1 : 4);
  });
});

describe("the CVAT keys of the design", () => {
  it.each<[TypedPress, string]>([
    [press("d", "KeyD"), "item.previous"],
    [press("f", "KeyF"), "item.next"],
    [press("c", "KeyC"), "item.back10"],
    [press("v", "KeyV"), "item.forward10"],
    [press("n", "KeyN"), "draw.toggle"],
    [press("N", "KeyN", "s"), "draw.again"],
    [press("Escape", "Escape"), "edit.cancel"],
    [press("1", "Digit1", "c"), "label.1"],
    [press("0", "Digit0", "c"), "label.0"],
    [press("q", "KeyQ"), "object.occluded"],
    [press("l", "KeyL"), "object.lock"],
    [press("h", "KeyH"), "object.hide"],
    [press("-", "Minus"), "order.lower"],
    [press("+", "Equal", "s"), "order.raise"],
    [press("c", "KeyC", "c"), "edit.copy"],
    [press("v", "KeyV", "c"), "edit.paste"],
    [press("a", "KeyA", "c"), "edit.selectAll"],
    [press("Delete", "Delete"), "edit.delete"],
    [press("z", "KeyZ", "c"), "edit.undo"],
    [press("Z", "KeyZ", "cs"), "edit.redo"],
    [press("y", "KeyY", "c"), "edit.redo"],
    [press("F1", "F1"), "help.keys"],
    [press("F2", "F2"), "app.settings"],
    [press("F11", "F11"), "app.fullscreen"],
    [press("k", "KeyK", "c"), "app.palette"],
    [press("Tab", "Tab"), "object.next"],
    [press("ArrowLeft", "ArrowLeft", "s"), "nudge.left.far"],
  ])("%j", (pressed, command) => {
    expect(resolve(loadKeymap("cvat"), pressed, canvas)).toBe(command);
  });
});

it("D is previous in CVAT and next in labelme", () => {
  expect(resolve(loadKeymap("cvat"), press("d", "KeyD"), elsewhere)).toBe("item.previous");
  expect(resolve(loadKeymap("labelme"), press("d", "KeyD"), elsewhere)).toBe("item.next");
});

it("Escape goes between drawing and editing in Diffgram, on the canvas only", () => {
  expect(resolve(loadKeymap("diffgram"), press("Escape", "Escape"), drawing)).toBe("draw.mode");
  expect(resolve(loadKeymap("diffgram"), press("Escape", "Escape"), elsewhere)).toBe("edit.cancel");
});

describe("keys rest", () => {
  const cvat = loadKeymap("cvat");
  const d = (more: Partial<TypedPress>): string | null =>
    resolve(cvat, press("d", "KeyD", "", more), elsewhere);

  it.each<[string, unknown, string | null]>([
    ["in a text field", { tagName: "INPUT", type: "text" }, null],
    ["in a search field", { tagName: "input", type: "search" }, null],
    ["in a text area", { tagName: "TEXTAREA" }, null],
    ["in a list to choose from", { tagName: "SELECT" }, null],
    ["in editable content", { tagName: "DIV", isContentEditable: true }, null],
    ["not on a button", { tagName: "BUTTON" }, "item.previous"],
    ["not on a check box", { tagName: "INPUT", type: "checkbox" }, "item.previous"],
    ["not on the page", null, "item.previous"],
  ])("%s", (_name, target, command) => {
    expect(d({ target })).toBe(command);
  });

  it("while an input method composes", () => {
    expect(d({ isComposing: true })).toBeNull();
    expect(d({ keyCode: 229 })).toBeNull();
  });

  it("but the palette opens from a text field too", () => {
    const target = { tagName: "INPUT", type: "text" };
    expect(resolve(cvat, press("k", "KeyK", "c", { target }), elsewhere)).toBe("app.palette");
    expect(resolve(cvat, press("z", "KeyZ", "c", { target }), elsewhere)).toBeNull();
  });

  it("arrows, Tab and Space away from the canvas", () => {
    for (const name of ["ArrowLeft", "Tab"]) {
      expect(resolve(cvat, press(name, name), elsewhere)).toBeNull();
    }
    expect(resolve(cvat, press(" ", "Space"), canvas)).toBeNull();
    expect(resolve(cvat, press(" ", "Space"), drawing)).toBe("draw.place");
    expect(resolve(cvat, press("Tab", "Tab"), drawing)).toBeNull();
  });
});

describe("rebinding", () => {
  const cvat = loadKeymap("cvat");

  it("replaces the chords of a command and shows the conflict that makes", () => {
    const own = rebind(cvat, "object.flag", ["Shift+F", "D"]);
    expect(chordsFor(own, "object.flag")).toEqual(["Shift+F", "D"]);
    expect(findConflicts(own)).toEqual([
      { chord: "D", commands: ["item.previous", "object.flag"] },
    ]);
    expect(chordsFor(cvat, "object.flag")).toEqual(["X"]);
  });

  it("keeps the place where the command counts", () => {
    const own = rebind(cvat, "draw.place", ["P"]);
    expect(resolve(own, press("p", "KeyP"), drawing)).toBe("draw.place");
    expect(resolve(own, press("p", "KeyP"), canvas)).toBeNull();
  });

  it("the narrower place wins without being a conflict", () => {
    expect(resolve(rebind(cvat, "object.next", ["D"]), press("d", "KeyD"), canvas)).toBe(
      "object.next",
    );
    expect(findConflicts(rebind(cvat, "object.next", ["D"]))).toEqual([]);
  });

  it("refuses what is no chord", () => {
    expect(() => rebind(cvat, "object.flag", ["Ctrl+"])).toThrow(KeymapError);
  });
});

describe("reading", () => {
  const good = { id: "x", name: "X", wheel: "zoom", keepDrawing: false, bindings: [] };
  it.each<[unknown, RegExp]>([
    [[], /not an object/],
    [{ ...good, id: 3 }, /id and a name/],
    [{ ...good, wheel: "spin" }, /wheel/],
    [{ ...good, keepDrawing: 1 }, /keepDrawing/],
    [{ ...good, bindings: {} }, /not a list/],
    [{ ...good, bindings: [{ chord: "??", command: "edit.undo" }] }, /binding 0: \?\? is no chord/],
    [{ ...good, bindings: [{ chord: "A", command: "no.such" }] }, /no command no.such/],
    [{ ...good, bindings: [{ chord: "A", command: "edit.undo", where: "sky" }] }, /sky is no place/],
    [{ ...good, bindings: [{ chord: "A", command: "edit.undo", whileTyping: 1 }] }, /whileTyping/],
  ])("refuses %j", (json, message) => {
    expect(() => parseKeymap(json)).toThrow(message);
  });
});

describe("the catalogue", () => {
  it("names each command once, and the editor carries out exactly its own", () => {
    const ids = COMMANDS.map((c) => c.id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { id, scope } of COMMANDS) expect(isEditorCommand(id), id).toBe(scope === "editor");
  });

  it("gives message ids that Fluent can read", () => {
    for (const { titleKey } of COMMANDS) expect(titleKey).toMatch(/^[a-zA-Z][a-zA-Z0-9-]*$/);
  });
});
