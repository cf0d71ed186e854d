//! Every message that the screens ask for exists, and every message is asked for by someone.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { FluentResource } from "@fluent/bundle";
import { describe, expect, it } from "vitest";
import { COMMANDS, TOOL_IDS } from "../src/editor/index.ts";
import { known, t, tOr } from "../src/i18n/index.ts";

const SOURCE = join(import.meta.dirname, "../src");

function files(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === "editor" ? [] : files(path);
    return /\.(svelte|ts)$/.test(entry.name) && !entry.name.endsWith(".test.ts") ? [path] : [];
  });
}

const texts = files(SOURCE).map((path) => readFileSync(path, "utf8"));
const all = texts.join("\n");
const ids = new FluentResource(readFileSync(join(SOURCE, "i18n/en.ftl"), "utf8")).body.map(
  ({ id }) => id,
);

/** `t("place-library")` and both branches of `t(open ? "a" : "b")`. */
function literals(): string[] {
  const calls = [...all.matchAll(/\bt(?:Or)?\(([^()`]*?)(?:[,)]|$)/g)].map(([, inside = ""]) => inside);
  return calls.flatMap((inside) => [...inside.matchAll(/"([a-z][\w-]*)"/g)].map(([, id = ""]) => id));
}

/** `t(`place-${place}`)`, as a pattern. */
function patterns(): RegExp[] {
  return [...all.matchAll(/\bt(?:Or)?\(`([^`]+)`/g)].map(
    ([, template = ""]) => new RegExp(`^${template.replace(/\$\{[^}]+\}/g, "[\\w-]+")}$`),
  );
}

describe("messages", () => {
  it("are there when a screen asks for them", () => {
    const asked = literals().filter((id) => id.includes("-") || known(id));
    expect(asked.length).toBeGreaterThan(200);
    expect(asked.filter((id) => !known(id))).toEqual([]);
    for (const pattern of patterns()) expect(ids.some((id) => pattern.test(id)), String(pattern)).toBe(true);
  });

  it("are asked for by someone", () => {
    const quoted = new Set([...all.matchAll(/"([a-z][\w-]*)"/g)].map(([, id = ""]) => id));
    const made = patterns();
    // Commands of the editor bring the ids of their titles along.
    const titles = new Set(COMMANDS.map(({ titleKey }) => titleKey));
    const groups = new Set(COMMANDS.map(({ group }) => `group-${group}`));
    const unused = ids.filter(
      (id) => !quoted.has(id) && !titles.has(id) && !groups.has(id) && !made.some((pattern) => pattern.test(id)),
    );
    expect(unused).toEqual([]);
  });

  it("stand there once", () => {
    expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([]);
  });

  it("name every command, group and tool of the editor", () => {
    for (const { titleKey, group } of COMMANDS) {
      expect(known(titleKey), titleKey).toBe(true);
      expect(known(`group-${group}`), group).toBe(true);
    }
    for (const tool of TOOL_IDS) expect(known(`command-tool-${tool}`), tool).toBe(true);
  });

  it("count in words", () => {
    expect(t("selection-count", { count: 1, text: "1" })).toBe("1 item selected");
    expect(t("import-run", { count: 364, text: "364" })).toContain("364");
    expect(tOr("no-such-message", "word")).toBe("word");
  });
});
