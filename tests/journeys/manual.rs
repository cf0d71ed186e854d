//! The documents that are made from the program's own words: command reference, completions, man
//! pages; and the manual's search.

use std::fs;

use vaultmark::cli::reference;

use crate::support::{Place, root};

/// The verbs as the reference lists them, such as `bundle create`.
fn verbs() -> Vec<String> {
    let page = reference::page();
    let verbs = page.lines().filter_map(|line| line.strip_prefix("## vaultmark "));
    verbs.map(str::to_owned).collect()
}

#[test]
fn the_committed_command_reference_is_the_programs_own() {
    let path = root().join("docs-offline/commands.md");
    if std::env::var_os("VAULTMARK_REWRITE").is_some() {
        fs::write(&path, reference::page()).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap();
    assert!(
        committed == reference::page(),
        "docs-offline/commands.md is not what the program's help says; write it anew with\n\
         VAULTMARK_REWRITE=1 cargo test --test journeys command_reference"
    );
}

#[test]
fn every_verb_has_a_man_page_and_stands_in_the_completions() {
    let place = Place::empty();
    let verbs = verbs();
    assert!(verbs.len() >= 18, "{verbs:?}");
    for verb in &verbs {
        let done = place.run(std::iter::once("man").chain(verb.split(' '))).ok();
        assert!(done.out.starts_with(".") && done.out.contains(".SH NAME"), "{verb}: {}", done.out);
        place.run(verb.split(' ').chain(["--help"])).ok();
    }
    place.run(["man"]).ok();
    place.run(["man", "no-such-verb"]).ends(2);
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let done = place.run(["completions", shell]).ok();
        for verb in &verbs {
            let last = verb.rsplit(' ').next().unwrap();
            assert!(done.out.contains(last), "{shell} does not complete `{verb}`");
        }
    }
}

#[test]
fn the_manual_is_read_and_searched_without_a_vault() {
    let place = Place::empty();
    let pages = place.run(["--json", "manual"]).ok().json();
    let pages: Vec<_> = pages
        .as_array()
        .unwrap()
        .iter()
        .map(|page| page["page"].as_str().unwrap().to_owned())
        .collect();
    assert!(pages.len() >= 10, "{pages:?}");
    for page in &pages {
        let text = place.run(["manual", page]).ok().out;
        let file =
            fs::read_to_string(root().join("docs-offline").join(format!("{page}.md"))).unwrap();
        assert_eq!(
            text.trim_end(),
            file.trim_end(),
            "the page in the program is the committed one"
        );
    }
    let hits = place.run(["--json", "manual", "--search", "allowed", "signers"]).ok().json();
    assert!(
        hits.as_array().unwrap().iter().any(|hit| hit["page"] == "verify-without-us"),
        "{hits:#}"
    );
    place.run(["manual", "--search", "xylophone"]).ends(1);
    assert!(!place.vault().exists());
}
