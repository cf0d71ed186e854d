//! Small things that must be exact: figures, markings, passphrases, names, links, trees.

import { describe, expect, it } from "vitest";
import { rank } from "../src/components/rank.ts";
import { count, dimensions, duration, percent, size, time, took } from "../src/i18n/format.ts";
import { secondsLeft } from "../src/session/idle.ts";
import { read } from "../src/session/preferences.svelte.ts";
import { highest, markingLevel } from "../src/theme/marking.ts";
import { compare, fileNameFor, recipientsIn } from "../src/views/Exchange/names.ts";
import { branches } from "../src/views/Library/tree.ts";
import { headingsOf, targetOf } from "../src/views/Manual/links.ts";
import { strength } from "../src/views/Setup/strength.ts";

describe("figures", () => {
  it.each([
    [0, "0 B"],
    [1023, "1023 B"],
    [1024, "1.0 KiB"],
    [7_812_400, "7.5 MiB"],
    [268_435_456, "256 MiB"],
  ])("writes %d bytes as %s", (bytes, text) => expect(size(bytes)).toBe(text));

  it("writes counts with separators and times in ISO form", () => {
    expect(count(1234567)).toBe("1,234,567");
    expect(dimensions(25312, 22976)).toBe("25,312 × 22,976");
    expect(duration(3729)).toBe("1:02:09");
    expect(duration(247)).toBe("4:07");
    expect([took(0.04), took(9.96), took(75)]).toEqual(["0.0 s", "10.0 s", "1:15"]);
    expect(percent(0.384)).toBe("38 %");
    expect(time("2026-11-20T16:21:07Z")).toMatch(/^2026-11-\d\d \d\d:\d\d (UTC|[+-]\d\d:\d\d)$/);
    expect(time("yesterday")).toBe("yesterday");
  });

  it("counts down to the idle lock and stops at zero", () => {
    expect(secondsLeft(1000, 61_000, 10)).toBe(540);
    expect(secondsLeft(0, 3_600_000, 10)).toBe(0);
  });
});

describe("markings", () => {
  it.each([
    ["UNCLASSIFIED", "unclassified"],
    ["cui//sp-ctl", "cui"],
    ["CONFIDENTIAL", "confidential"],
    ["SECRET//NOFORN", "secret"],
    ["TOP SECRET", "top-secret"],
    ["TOP SECRET//SCI", "sci"],
    ["TOP SECRET//HCS/SCI//NOFORN", "sci"],
    ["VERTRAULICH", "sci"],
    ["UNCLASSIFIEDX", "sci"],
  ])("%s wears %s", (marking, level) => expect(markingLevel(marking)).toBe(level));
});

describe("the highest marking", () => {
  it.each([
    [["UNCLASSIFIED", "SECRET//NOFORN", "CUI"], "SECRET//NOFORN"],
    [["TOP SECRET", "GEHEIM"], "GEHEIM"],
    [[null, undefined, ""], null],
  ])("of %j is %j", (markings, wanted) => expect(highest(markings)).toBe(wanted));
});

describe("passphrases", () => {
  it.each([
    ["", "empty"],
    ["short one", "short"],
    ["aaaaaaaaaaaaaaaaaaaa", "plain"],
    ["abcdefghijklmnopqrst", "plain"],
    ["winter coat 1987", "fair"],
    ["green ladder seven clouds", "strong"],
  ])("%j is %s", (passphrase, word) => expect(strength(passphrase).word).toBe(word));

  it("counts characters, not bytes", () => {
    expect(strength("пароль из слов")).toEqual({ word: "short", missing: 1 });
  });
});

describe("names", () => {
  it("makes file names that every disk takes", () => {
    const day = new Date("2026-11-23T10:00:00Z");
    expect(fileNameFor("Harbour survey, spring", false, day)).toBe("harbour-survey-spring-2026-11-23.bag.zip");
    expect(fileNameFor("مسح", true, day)).toBe("project-2026-11-23.bag.zip.age");
  });

  it("reads recipients", () => {
    expect(recipientsIn("age1a, age1b\nage1a")).toEqual(["age1a", "age1b"]);
  });

  it("ranks starts of words first", () => {
    expect(rank("an", ["Go to Manual", "Pan", "Annotate", "x"], (one) => one)).toEqual(["Annotate", "Go to Manual", "Pan"]);
    expect(rank("go man", ["Go to Manual", "Manual"], (one) => one)).toEqual(["Go to Manual"]);
  });
});

describe("a typed fingerprint", () => {
  const BODY = "w8Zt1Hc5rYb0uQ3xMnV6dKe9LpSa2GjF7iOq4TyBvXk";
  it.each([
    ["", 0, false, false],
    ["SHA2", 0, false, false],
    ["SHA256:", 0, false, false],
    ["SHA256:w8Zt", 4, false, false],
    [BODY, 43, false, true],
    [`  SHA256:${BODY}\n`, 43, false, true],
    [BODY.slice(-8), 0, true, false],
    [BODY.slice(0, 42), 42, false, false],
    [`${BODY.slice(0, 42)}l`, 42, true, false],
    [BODY.toLowerCase(), 2, true, false],
    [`${BODY}=`, 43, true, false],
    [`w8Zt ${BODY.slice(4)}`, 4, true, false],
    [`sha256:${BODY}`, 0, true, false],
  ])("%j: %d agree", (typed, agreeing, differs, whole) => {
    expect(compare(typed, `SHA256:${BODY}`)).toEqual({ agreeing, differs, whole });
  });

  it("is never the whole of less than a fingerprint", () => {
    expect(compare("", "").whole).toBe(false);
    expect(compare("abc", "SHA256:abc").whole).toBe(false);
  });
});

describe("manual", () => {
  it("follows links inside only", () => {
    expect(targetOf("annotate.html#keys", "first")).toEqual({ slug: "annotate", anchor: "keys" });
    expect(targetOf("./export.md", "first")).toEqual({ slug: "export", anchor: "" });
    expect(targetOf("#draw", "first")).toEqual({ slug: "first", anchor: "draw" });
    expect(targetOf("https://example.org", "first")).toBeNull();
    expect(targetOf("javascript:alert(1)", "first")).toBeNull();
  });

  it("lists headings", () => {
    expect(headingsOf('<h1>A</h1><h2 id="b">B <em>c</em></h2><h2>no anchor</h2>')).toEqual([{ anchor: "b", text: "B c" }]);
  });
});

describe("folder tree", () => {
  const folders = [
    { path: "", items: 2 },
    { path: "a/b", items: 3 },
    { path: "a b", items: 1 },
    { path: "a", items: 4 },
  ];
  it("adds up and orders like a tree", () => {
    expect(branches(folders, new Set()).map(({ path, items, depth }) => [path, items, depth])).toEqual([
      ["a", 7, 0],
      ["a/b", 3, 1],
      ["a b", 1, 0],
    ]);
  });
  it("hides what lies in folded ones", () => {
    expect(branches(folders, new Set(["a"])).map(({ path }) => path)).toEqual(["a", "a b"]);
  });
});

describe("wishes", () => {
  it("fall back where they are odd", () => {
    expect(read("{").theme).toBe("dark");
    expect(read('{"theme":"pink","scale":7}')).toMatchObject({ theme: "dark", scale: 1 });
    expect(read('{"theme":"light","keys":{"edit.undo":["U"]}}')).toMatchObject({ theme: "light", keys: { "edit.undo": ["U"] } });
  });
});
