//! The main job through the real window, with a real pointer: a vault is made, images are imported,
//! a box is drawn, moved and undone, the program is opened again and the work is there, a bundle is
//! exported and verified. And once more with the program killed right after a gesture was shown as
//! saved.
//!
//! Skipped, with a line that says so, where Xvfb, WebKitWebDriver or the program built with the
//! feature `automation` is missing.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)] // a skipped test says why

mod window;

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use window::{Desk, Page};

const OFFICER: &str = "Ada";
const PASSPHRASE: &str = "correct horse battery staple";

/// A folder of real images, as small as can be had.
fn images() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let cells = root.join("../shared/data/bccd/BCCD/JPEGImages");
    let folder = if cells.is_dir() { cells } else { root.join("assets/sample") };
    folder.canonicalize().unwrap()
}

/// The first-run steps, to the empty list of projects.
fn make_vault(page: &Page, vault: &Path) {
    page.fill("setup-path", vault.to_str().unwrap());
    page.click("setup-next");
    page.fill("setup-officer", OFFICER);
    page.fill("setup-passphrase", PASSPHRASE);
    page.fill("setup-passphrase-again", PASSPHRASE);
    page.click("setup-next");
    page.fill("setup-marking", "UNCLASSIFIED");
    page.click("setup-policy-single");
    page.click("setup-next");
    let sheet = page.find("recovery-secret").text();
    assert!(sheet.starts_with("AGE-SECRET-KEY-1"), "{sheet}");
    page.fill("recovery-confirm", &sheet[sheet.len() - 4..]);
    page.click("setup-next");
    page.find("projects-empty");
}

/// Makes a project and imports the images into it, to the filled library.
fn import(page: &Page) {
    page.click("project-new");
    page.fill("project-name", "Cells");
    page.click("project-create");
    page.click("library-import");
    page.enter("browse-path", images().to_str().unwrap());
    page.click("import-plan");
    page.find("import-plan-result");
    page.click("import-run");
    page.find("import-report");
    page.click("import-close");
}

/// Signs in to the vault that the window was opened on.
fn unlock(page: &Page) {
    page.fill("unlock-name", OFFICER);
    page.fill("unlock-passphrase", PASSPHRASE);
    page.click("unlock-submit");
    page.find("place-library");
}

/// Opens the library's first item in Annotate and waits for its picture; project and item.
fn annotate(page: &Page) -> (String, String) {
    page.click("place-library");
    page.double_click(page.find("item").at(0.5, 0.4));
    let item = page.until("an open item", || {
        page.find("canvas").attribute("data-item").filter(|id| !id.is_empty())
    });
    page.until("the picture", || {
        (page.find("canvas").attribute("aria-busy").as_deref() == Some("false")).then_some(())
    });
    let projects = page.core("projects", json!({})).unwrap();
    (projects["projects"][0]["id"].as_str().unwrap().to_owned(), item)
}

/// Makes the first label.
fn label(page: &Page) {
    page.click("labels-first");
    page.fill("label-new-name", "RBC");
    page.click("label-add");
    page.css("[data-testid=\"label-list\"] *");
    page.click("labels-close");
    page.find("label-chip");
}

/// Waits until the window shows this many objects and says that all is saved: both in one look, so
/// that what is seen is one moment.
fn saved(page: &Page, objects: usize) {
    const LOOK: &str = "const shown = document.querySelectorAll('[data-testid=\"object\"]').length;
        const saved = document.querySelector('[data-testid=\"save-state\"]')?.textContent.trim();
        return saved === 'Saved' && shown === arguments[0];";
    page.until(format!("{objects} saved objects"), || {
        (page.script(LOOK, json!([objects])) == true).then_some(())
    });
}

/// The shapes of an item as the core has them on disk.
fn shapes(page: &Page, project: &str, item: &str) -> Vec<Value> {
    let opened = page.core("item_open", json!({"project": project, "item": item})).unwrap();
    opened["annotations"].as_array().unwrap().iter().map(|one| one["shape"].clone()).collect()
}

/// Waits for exactly one shape that is as wanted.
fn one_shape(page: &Page, at: &(String, String), wanted: impl Fn(&Value) -> bool) -> Value {
    page.until("the shape on disk", || {
        let shapes = shapes(page, &at.0, &at.1);
        (shapes.len() == 1 && wanted(&shapes[0])).then(|| shapes[0].clone())
    })
}

/// Drags a box over a part of the canvas.
fn draw_box(page: &Page, from: (f64, f64), to: (f64, f64)) {
    page.click("tool-box");
    let canvas = page.find("canvas");
    page.drag(&[canvas.at(from.0, from.1), canvas.at(to.0, to.1)]);
}

#[test]
fn a_box_is_drawn_moved_undone_found_again_and_leaves_in_a_bundle_that_verifies() {
    let Some(mut desk) = Desk::new() else { return };
    let vault = desk.folder().join("vault");
    desk.open(&vault);
    let page = desk.page();
    make_vault(page, &vault);
    import(page);
    let at = annotate(page);
    label(page);

    draw_box(page, (0.40, 0.40), (0.55, 0.60));
    saved(page, 1);
    let drawn = one_shape(page, &at, |shape| shape["kind"] == "box");
    assert!(drawn["width"].as_f64().unwrap() > 5.0 && drawn["height"].as_f64().unwrap() > 5.0);

    page.click("tool-select");
    let canvas = page.find("canvas");
    page.drag(&[canvas.at(0.475, 0.50), canvas.at(0.525, 0.45)]);
    let moved = one_shape(page, &at, |shape| *shape != drawn);
    let near = |name: &str| {
        let (a, b) = (moved[name].as_f64().unwrap(), drawn[name].as_f64().unwrap());
        (a - b).abs() < 1e-6
    };
    assert!(near("width") && near("height") && !near("x") && !near("y"), "{drawn} {moved}");

    page.click("undo");
    assert_eq!(one_shape(page, &at, |shape| *shape == drawn), drawn);
    saved(page, 1);

    desk.close();
    desk.open(&vault);
    let page = desk.page();
    unlock(page);
    assert_eq!(annotate(page), at);
    saved(page, 1);
    assert_eq!(shapes(page, &at.0, &at.1), std::slice::from_ref(&drawn));
    // What was undone before the restart can be brought back after it, and undone again.
    page.click("redo");
    one_shape(page, &at, |shape| *shape == moved);
    page.click("undo");
    one_shape(page, &at, |shape| *shape == drawn);

    let bundle = export(&desk);
    verify_in_the_window(page, &bundle);
    verify_from_the_command_line(&desk, &bundle);
}

#[test]
fn nothing_that_was_shown_as_saved_is_lost_when_the_program_is_killed() {
    let Some(mut desk) = Desk::new() else { return };
    let vault = desk.folder().join("vault");
    desk.open(&vault);
    let page = desk.page();
    make_vault(page, &vault);
    import(page);
    let at = annotate(page);
    label(page);
    for round in 1..=3_usize {
        let left = 0.2 + 0.15 * round as f64;
        draw_box(desk.page(), (left, 0.35), (left + 0.1, 0.55));
        saved(desk.page(), round);
        desk.kill();
        desk.open(&vault);
        let page = desk.page();
        unlock(page);
        assert_eq!(annotate(page), at);
        saved(page, round);
        assert_eq!(shapes(page, &at.0, &at.1).len(), round);
    }
}

/// Sends a bundle through the wizard; its file.
fn export(desk: &Desk) -> PathBuf {
    let (page, folder) = (desk.page(), desk.folder());
    page.click("place-exchange");
    page.click("exchange-send");
    page.find("export-format-coco");
    page.click("export-next");
    page.fill("export-justification", "Journey through the window");
    page.click("export-next");
    page.find("export-plan");
    page.click("export-next");
    page.enter("browse-path", folder.to_str().unwrap());
    page.fill("export-file", "cells.bag.zip");
    page.click("export-next");
    desk.signs_in_again(PASSPHRASE);
    page.find("export-result");
    assert!(page.find("export-fingerprint").text().contains("SHA256:"));
    let bundle = folder.join("cells.bag.zip");
    assert!(bundle.is_file());
    bundle
}

/// The receiving side of the same window says that it holds.
fn verify_in_the_window(page: &Page, bundle: &Path) {
    page.click("exchange-receive");
    page.enter("browse-path", bundle.to_str().unwrap());
    page.click("receive-next");
    let said = page.find("receive-result").text();
    assert!(said.contains("whole"), "{said}");
    page.find("receive-fingerprint");
}

/// A stranger with the sender's line verifies it without the vault.
fn verify_from_the_command_line(desk: &Desk, bundle: &Path) {
    let security = desk.page().core("security", json!({})).unwrap();
    let signers = desk.folder().join("allowed_signers");
    std::fs::write(&signers, format!("{}\n", security["allowed_signers_line"].as_str().unwrap()))
        .unwrap();
    let output = desk
        .command_line()
        .args(["--json", "bundle", "verify"])
        .arg(bundle)
        .arg("--signers")
        .arg(&signers)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["annotations"], 1, "{report}");
}
