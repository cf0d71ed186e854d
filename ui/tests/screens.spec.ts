//! The real screens in a browser: each is reachable, sound for screen readers (axe), and does its job
//! with the fake core. Runs with `npm run test:browser`.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, afterEach, before, test } from "node:test";
import type { Page } from "playwright-core";
import { id, stage, type Stage } from "./backend.ts";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const errors: string[] = [];
let on: Stage;

before(async () => {
  on = await stage(errors);
});
after(() => on.close());
afterEach(() => {
  assert.deepEqual(errors.splice(0), []);
});

interface Violation {
  id: string;
  nodes: { html: string; failureSummary: string }[];
}

/** WCAG 2.2 A and AA. */
async function sound(page: Page, where: string): Promise<void> {
  await page.evaluate(axe);
  const violations = await page.evaluate(async () => {
    const tool = (globalThis as unknown as { axe: { run: (options: object) => Promise<{ violations: Violation[] }> } }).axe;
    const found = await tool.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] });
    return found.violations.map((one) => ({ id: one.id, nodes: one.nodes.map((node) => `${node.html.slice(0, 160)} — ${node.failureSummary.slice(0, 240)}`) }));
  });
  for (const one of violations) errors.push(`${where}: ${one.id}: ${one.nodes.slice(0, 3).join(" | ")}`);
}

async function openProject(page: Page, at = 0): Promise<void> {
  await page.locator('[data-testid="project-open"]').nth(at).click();
  await page.locator('[data-testid="view-title"]').waitFor();
}

async function annotate(page: Page): Promise<void> {
  await openProject(page);
  await page.locator('[data-testid="item"]').first().waitFor();
  await id(page, "place-annotate").click();
  await page.locator('[data-testid="canvas"]:not([data-item=""])').waitFor();
}

const themes = [
  { name: "dark", scheme: "dark" },
  { name: "light", scheme: "light" },
] as const;

for (const { name, scheme } of themes) {
  test(`screens are sound in ${name}`, async () => {
    const page = await on.page("?fake=open", { scheme });
    await id(page, "projects").waitFor();
    await sound(page, "projects");
    await id(page, "project-new").click();
    await id(page, "project-dialog").waitFor();
    await sound(page, "project dialog");
    await page.keyboard.press("Escape");
    await openProject(page);
    await page.locator('[data-testid="item"]').first().waitFor();
    await sound(page, "library");
    await id(page, "view-list").click();
    await sound(page, "library as lines");
    await id(page, "library-import").click();
    await page.locator('[data-testid="browse-entry"]').first().waitFor();
    await sound(page, "import dialog");
    await page.keyboard.press("Escape");
    await id(page, "place-annotate").click();
    await page.locator('[data-testid="canvas"]:not([data-item=""])').waitFor();
    await page.locator('[data-testid="object"]').first().click();
    await sound(page, "annotate");
    await id(page, "labels-manage").click();
    await id(page, "label-dialog").waitFor();
    await sound(page, "labels");
    await page.keyboard.press("Escape");
    for (const place of ["exchange", "manual", "security", "settings"]) {
      await id(page, `place-${place}`).click();
      await page.waitForLoadState("networkidle");
      await sound(page, place);
    }
    await page.keyboard.press("Control+k");
    await id(page, "palette").waitFor();
    await sound(page, "palette");
    await page.keyboard.press("Escape");
    await page.keyboard.press("F1");
    await id(page, "key-help").waitFor();
    await sound(page, "keys");
    // An open dialog keeps its keys to itself.
    await page.keyboard.press("Alt+1");
    assert.equal(await id(page, "view-title").textContent(), "Settings");
    await page.context().close();
  });
}

test("high contrast is sound", async () => {
  const page = await on.page("?fake=open");
  await openProject(page);
  await id(page, "place-settings").click();
  await id(page, "settings-theme-contrast").check();
  await sound(page, "settings");
  for (const place of ["projects", "library", "annotate", "security"]) {
    await id(page, `place-${place}`).click();
    await page.waitForLoadState("networkidle");
    await sound(page, place);
  }
  await page.context().close();
});

test("a vault is made by keyboard alone, then locked and unlocked", async () => {
  const page = await on.page("?fake=setup");
  await id(page, "setup-path").waitFor();
  await sound(page, "setup");
  await page.keyboard.press("Enter");
  await id(page, "setup-officer").waitFor();
  await page.keyboard.type("officer");
  await page.keyboard.press("Tab");
  await page.keyboard.type("correct horse battery");
  await page.keyboard.press("Tab");
  await page.keyboard.type("correct horse battery");
  await page.keyboard.press("Enter");
  await id(page, "setup-marking").waitFor();
  await sound(page, "policy");
  await page.keyboard.press("Enter");
  const sheet = (await id(page, "recovery-secret").textContent()) ?? "";
  await sound(page, "recovery");
  assert.ok(await id(page, "setup-next").isDisabled());
  await id(page, "recovery-confirm").fill(sheet.trim().slice(-4));
  await page.keyboard.press("Enter");
  await id(page, "projects-empty").waitFor();
  await page.keyboard.press("Control+l");
  await id(page, "unlock-name").waitFor();
  await sound(page, "unlock");
  await page.keyboard.type("officer");
  await page.keyboard.press("Tab");
  await page.keyboard.type("not it");
  await page.keyboard.press("Enter");
  await id(page, "unlock-error").waitFor();
  await page.keyboard.type("correct horse battery");
  await page.keyboard.press("Enter");
  await id(page, "projects-empty").waitFor();
  await page.context().close();
});

test("a box is drawn, saved, undone and done again", async () => {
  const page = await on.page("?fake=open");
  await annotate(page);
  const canvas = id(page, "canvas");
  const box = await canvas.boundingBox();
  assert.ok(box && box.width >= 960, `the image has ${box?.width} of 1280`);
  const before = await page.locator('[data-testid="object"]').count();
  await id(page, "tool-box").click();
  await page.mouse.move(box.x + 300, box.y + 150);
  await page.mouse.down();
  await page.mouse.move(box.x + 360, box.y + 200, { steps: 5 });
  await page.mouse.move(box.x + 420, box.y + 250, { steps: 5 });
  await page.mouse.up();
  const objects = (wanted: number) =>
    page.waitForFunction((count) => document.querySelectorAll('[data-testid="object"]').length === count, wanted);
  await objects(before + 1);
  await page.waitForFunction(() => document.querySelector('[data-testid="save-state"]')?.textContent === "Saved");
  await page.keyboard.press("Control+z");
  await objects(before);
  await page.keyboard.press("Control+Shift+z");
  await objects(before + 1);
  await page.keyboard.press("f");
  await page.waitForFunction(() => /2/.test(document.querySelector('[data-testid="item-position"]')?.textContent ?? ""));
  await page.context().close();
});

test("a hundred thousand items scroll without blank rows", async () => {
  const page = await on.page("?fake=open&items=100000");
  await openProject(page);
  await page.locator('[data-testid="item"]').first().waitFor();
  await page.keyboard.press("End");
  await page.waitForFunction(() => document.querySelector('[data-testid="item"][aria-posinset="100000"] img') !== null);
  const shown = await page.locator('[data-testid="item"]').count();
  assert.ok(shown < 200, `${shown} items are in the document`);
  await page.keyboard.press("Home");
  await page.waitForFunction(() => document.querySelector('[data-testid="item"][aria-posinset="1"] img') !== null);
  await page.keyboard.type("tile-");
  await page.waitForFunction(() => document.querySelector('[data-testid="item"][aria-selected="true"]')?.getAttribute("data-name")?.startsWith("tile-"));
  await page.context().close();
});

test("import shows its plan first, then works and reports", async () => {
  const page = await on.page("?fake=open");
  await openProject(page, 3);
  await id(page, "library-empty").waitFor();
  await id(page, "library-import").click();
  await page.locator('[data-testid="browse-entry"][data-name="imagery"]').click();
  await id(page, "import-plan").click();
  await id(page, "import-plan-result").waitFor();
  await sound(page, "import plan");
  await id(page, "import-run").click();
  await id(page, "import-report").waitFor();
  await id(page, "import-close").click();
  await page.locator('[data-testid="item"]').first().waitFor();
  await page.context().close();
});

test("an export says what is lost, is asked about elsewhere, and gives a fingerprint", async () => {
  const page = await on.page("?fake=open");
  await openProject(page);
  await id(page, "place-exchange").click();
  await id(page, "export-format-coco").check();
  await id(page, "export-next").click();
  await id(page, "export-justification").fill("declined");
  await id(page, "export-next").click();
  await id(page, "export-losses").waitFor();
  await sound(page, "plan");
  await id(page, "export-next").click();
  await sound(page, "where");
  await id(page, "export-next").click();
  await page.locator('[data-testid="export-next"]:not([aria-busy="true"])').waitFor();
  assert.equal(await id(page, "export-error").count(), 0, "declining is no failure");
  await id(page, "export-back").click();
  await id(page, "export-back").click();
  await id(page, "export-justification").fill("Training set, release 3");
  await id(page, "export-next").click();
  await id(page, "export-next").click();
  await id(page, "export-next").click();
  await id(page, "export-fingerprint").waitFor();
  await sound(page, "result");
  await page.context().close();
});

test("two-person vaults refuse an export and say why", async () => {
  const page = await on.page("?fake=open&policy=two");
  await openProject(page);
  await id(page, "place-exchange").click();
  await id(page, "export-next").click();
  await id(page, "export-justification").fill("Training set");
  await id(page, "export-next").click();
  await id(page, "export-refused").waitFor();
  assert.ok(await id(page, "export-next").isDisabled());
  await page.context().close();
});

test("an unknown signer is only accepted with the fingerprint", async () => {
  const page = await on.page("?fake=open");
  await id(page, "place-exchange").click();
  await id(page, "browse-path").fill("/media/STICK/harbour.bag.zip");
  await page.keyboard.press("Enter");
  await id(page, "receive-next").click();
  await id(page, "receive-result").waitFor();
  await sound(page, "verified");
  assert.ok(await id(page, "receive-next").isDisabled());
  const fingerprint = (await id(page, "receive-fingerprint").textContent()) ?? "";
  await id(page, "receive-confirm").fill(fingerprint.slice(-8));
  assert.ok(await id(page, "receive-next").isDisabled());
  await id(page, "receive-confirm").fill(fingerprint);
  await id(page, "receive-next").click();
  await id(page, "receive-done").waitFor();
  await page.context().close();
});

test("a viewer sees and cannot change", async () => {
  const page = await on.page("?fake=open&role=viewer");
  await annotate(page);
  await id(page, "read-only").waitFor();
  assert.ok(await id(page, "tool-box").isDisabled());
  assert.ok(await id(page, "item-done").isDisabled());
  await id(page, "place-exchange").click();
  await id(page, "exchange-send").click();
  await id(page, "send-no-permission").waitFor();
  await page.context().close();
});

for (const [name, width, height] of [
  ["200 % of 1280x720", 640, 360],
  ["1920x1080", 1920, 1080],
] as const) {
  test(`nothing overflows at ${name}`, async () => {
    const page = await on.page("?fake=open", { width, height });
    await annotate(page);
    for (const place of ["projects", "library", "annotate", "exchange", "manual", "security", "settings"]) {
      await id(page, `place-${place}`).click();
      await page.waitForLoadState("networkidle");
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(wide <= 0, `${place} is ${wide} px too wide`);
      const banners = await page.locator('[data-testid^="marking-"]').count();
      assert.ok(banners >= 2, `${place} shows both banners`);
    }
    await page.context().close();
  });
}
