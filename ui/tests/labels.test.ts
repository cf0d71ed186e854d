//! Keys and colours of labels.

import { describe, expect, it } from "vitest";
import type { LabelView } from "../src/ipc/backend.ts";
import { nextColor } from "../src/views/Annotate/label-colors.ts";
import { labelDigits } from "../src/views/Annotate/label-keys.ts";

const label = (id: string, key: number | null): LabelView => ({ id, name: id, color: "#000000", key, count: 0 });

describe("label digits", () => {
  const cases = [
    { name: "by place without keys", labels: [label("a", null), label("b", null)], digits: { a: 1, b: 2 } },
    { name: "own keys first", labels: [label("a", null), label("b", 1)], digits: { b: 1 } },
    { name: "own key off its place", labels: [label("a", 7), label("b", null)], digits: { a: 7, b: 2 } },
  ];
  for (const { name, labels, digits } of cases) {
    it(name, () => expect(Object.fromEntries(labelDigits(labels))).toEqual(digits));
  }
});

describe("the next colour", () => {
  it("begins with the first, and keeps away from what is there", () => {
    expect(nextColor([])).toBe("#e69f00");
    expect(nextColor(["#ffb300"])).not.toBe("#e69f00");
    const taken: string[] = [];
    for (let at = 0; at < 12; at += 1) taken.push(nextColor(taken));
    expect(new Set(taken).size).toBe(12);
  });
});
