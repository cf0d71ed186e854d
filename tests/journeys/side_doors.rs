//! What may be handed to other programs: the policy's word is asked each time, and each time stands in
//! the audit log, by kind and size and never by content.

use vaultmark::Session;
use vaultmark::journeys::posture;
use vaultmark::journeys::side_doors::{self, Page};

use crate::support::Place;

/// A vault of the command line with those words to `init`.
fn place(words: &[&str]) -> Place {
    let place = Place::empty();
    let mut all = vec!["init", "--officer", &place.person, "--export-policy", "single"];
    all.extend(words);
    place.run(&all).ok();
    place
}

/// How many entries the audit log has, by the posture of the open session, which is not recorded.
fn entries(session: &Session) -> u64 {
    let findings = posture::vault(session).unwrap();
    let audit = findings.iter().find(|finding| finding.name == "audit").unwrap();
    audit.seen.split(' ').next().unwrap().parse().unwrap()
}

#[test]
fn by_default_text_is_copied_for_a_while_and_nothing_else_leaves() {
    let place = place(&[]);
    place.session(|session| {
        let before = entries(session);
        let doors = side_doors::doors(session).unwrap();
        assert_eq!((doors.copy_seconds, doors.drag_out, doors.print), (30, false, false));
        assert_eq!(side_doors::copy(session, "ssh-ed25519 AAAA").unwrap().as_secs(), 30);
        for refused in [side_doors::drag(session), side_doors::print(session, Page::Manual)] {
            assert_eq!(refused.unwrap_err().kind(), "side_door_shut");
        }
        let long = "x".repeat(100_001);
        assert_eq!(side_doors::copy(session, &long).unwrap_err().kind(), "invalid");
        side_doors::copy_undone(session).unwrap();
        assert_eq!(entries(session), before + 5, "each is recorded, what was refused too");
    });
    let shown = place.run(["--json", "posture"]).json();
    assert!(!shown.to_string().contains("printed"), "no deviation");
    place.is_whole("after copying");
}

#[test]
fn what_an_officer_opened_is_named_as_a_deviation_and_recorded() {
    let open = ["--copy-seconds", "60", "--drag-out", "open", "--print", "open"];
    let place = place(&open);
    place.session(|session| {
        let before = entries(session);
        side_doors::copy(session, "three words here").unwrap();
        side_doors::drag(session).unwrap();
        side_doors::print(session, Page::Posture).unwrap();
        assert_eq!(entries(session), before + 3, "each is recorded");
    });
    let shown = place.run(["--json", "posture"]).json().to_string();
    for deviation in ["stays for 60 seconds", "dragged into other programs", "can be printed"] {
        assert!(shown.contains(deviation), "{deviation} in {shown}");
    }
}

#[test]
fn a_vault_that_hands_nothing_over_refuses_and_says_so() {
    let place = place(&["--copy-seconds", "0"]);
    place.session(|session| {
        let refused = side_doors::copy(session, "a note").unwrap_err().to_string();
        assert!(refused.contains("policy") && !refused.contains("a note"), "{refused}");
    });
    let refused = place.run(["init", "--officer", "eve", "--copy-seconds", "601"]).ends(2);
    assert!(refused.err.contains("601"), "{refused:?}");
}
