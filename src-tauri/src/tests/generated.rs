//! What is generated says the same as what it is generated from.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use vaultmark::policy::Operation;

use crate::{Needs, ROWS, bindings};

#[test]
fn the_committed_bindings_are_current() {
    let scratch = tempfile::tempdir().unwrap();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ui/src/ipc/bindings.ts");
    let committed = fs::read_to_string(file).unwrap_or_default();
    assert!(
        bindings(scratch.path()).unwrap() == committed,
        "ui/src/ipc/bindings.ts is not current: run `cargo run -p vaultmark-desktop --example bindings` and commit it"
    );
}

#[test]
fn the_permissions_name_exactly_the_rows() {
    let written = include_str!(concat!(env!("OUT_DIR"), "/permissions/commands.toml"));
    let granted: Vec<&str> = written
        .lines()
        .filter_map(|line| line.strip_prefix("commands.allow = [\"")?.strip_suffix("\"]"))
        .collect();
    let rows: Vec<&str> = ROWS.iter().map(|row| row.command).collect();
    assert_eq!(granted, rows);
}

#[test]
fn the_window_is_granted_its_own_commands_and_hearing_events_alone() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("capabilities/main.json");
    let capability: serde_json::Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    let permissions = ["default", "core:event:allow-listen", "core:event:allow-unlisten"];
    assert_eq!(capability["permissions"], serde_json::json!(permissions));
    assert_eq!(capability["windows"], serde_json::json!(["main"]));
    assert_eq!(capability.get("remote"), None);
}

#[test]
fn every_operation_is_asked_by_some_command_and_every_exception_has_its_reason() {
    let mut asked = BTreeSet::new();
    for row in ROWS {
        match row.needs {
            Needs::Asks(operations) => asked.extend(operations.iter().map(|one| one.word())),
            Needs::Nothing(reason) => assert!(reason.len() > 10, "{}", row.command),
        }
    }
    let all: BTreeSet<&str> = Operation::ALL.iter().map(|one| one.word()).collect();
    assert_eq!(asked, all);
}

#[test]
fn the_policy_of_pages_allows_nothing_unsafe() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tauri.conf.json");
    let configuration: serde_json::Value =
        serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    let security = &configuration["app"]["security"];
    let csp = security["csp"].as_object().unwrap();
    assert_eq!(csp["default-src"], "'none'");
    for (directive, sources) in csp {
        let sources = sources.as_str().unwrap();
        for wrong in ["unsafe", "*", "https:", "http:", "wss:"] {
            let own = directive == "connect-src" && wrong == "http:";
            let rest =
                if own { sources.replace("http://ipc.localhost", "") } else { sources.into() };
            assert!(!rest.contains(wrong), "{directive} {sources}");
        }
    }
    assert_eq!(security["freezePrototype"], true);
    assert_eq!(configuration["app"]["withGlobalTauri"], false);
}
