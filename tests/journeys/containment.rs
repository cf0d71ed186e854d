//! No network, a walled decoder, a clean start: on every verb, as the kernel saw it; and what a
//! vault's policy makes of a computer that can't.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::{Done, Place, WHY, has_tool, is_root, strace};

/// Runs the program under `strace` with these options, and gives what was traced.
fn traced(place: &Place, options: &[&str], words: &[&OsStr]) -> (Done, String) {
    let log = place.out("strace.log");
    let mut wrapper: Vec<&OsStr> = ["strace", "-f", "-qq", "-o"].map(OsStr::new).to_vec();
    wrapper.push(log.as_os_str());
    wrapper.extend(options.iter().map(OsStr::new));
    let done = place.finish(place.command_through(&wrapper, words));
    let text = fs::read_to_string(&log).unwrap();
    fs::remove_file(log).unwrap();
    (done, text)
}

/// The program where a system call answers that it does not exist.
fn without(place: &Place, call: &str, words: &[&str]) -> Done {
    let words: Vec<&OsStr> = words.iter().map(OsStr::new).collect();
    let fault = format!("inject={call}:error=ENOSYS");
    traced(place, &["-e", &fault, "-e", "signal=none"], &words).0
}

#[test]
fn no_verb_opens_a_socket_that_leads_away() {
    if !strace::is_allowed() {
        return;
    }
    let place = Place::with_project("Cells");
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/sample");
    let (bundle, json) = (place.out("a.bag.zip"), place.out("a.json"));
    let journey: &[&[&OsStr]] = &[
        &["import".as_ref(), sample.as_ref()],
        &["items".as_ref(), "list".as_ref()],
        &["labels".as_ref(), "list".as_ref()],
        &[
            "annotations".as_ref(),
            "import".as_ref(),
            "--format".as_ref(),
            "voc".as_ref(),
            sample.as_ref(),
        ],
        &[
            "annotations".as_ref(),
            "export".as_ref(),
            "--format".as_ref(),
            "coco".as_ref(),
            "--justification".as_ref(),
            WHY.as_ref(),
            json.as_ref(),
        ],
        &[
            "bundle".as_ref(),
            "create".as_ref(),
            "--media".as_ref(),
            "--justification".as_ref(),
            WHY.as_ref(),
            "--to".as_ref(),
            bundle.as_ref(),
        ],
        &["bundle".as_ref(), "verify".as_ref(), bundle.as_ref()],
        &["check".as_ref()],
        &["posture".as_ref()],
        &["manual".as_ref()],
        &["project".as_ref(), "show".as_ref()],
    ];
    let mut asked = 0;
    for words in journey {
        let options = ["-e", "trace=socket,socketpair,connect,io_uring_setup", "-e", "signal=none"];
        let (_, trace) = traced(&place, &options, words);
        for line in trace.lines().filter(|line| !line.contains(" = -1 ")) {
            let kept = line.contains("AF_UNIX") || line.contains("AF_NETLINK");
            assert!(kept || !line.contains('('), "{words:?}: {line}");
        }
        asked += trace.lines().filter(|line| line.contains("AF_INET")).count();
    }
    // The posture's own attempts were seen, so the tracer sees such calls.
    assert!(asked >= 3, "{asked}");
    assert!(bundle.is_file() && json.is_file());
}

#[test]
fn the_posture_shows_what_it_tried() {
    let place = Place::with_project("Cells");
    let done = place.run(["--json", "posture"]);
    let shown: Value = done.json();
    let finding = |name: &str| {
        let all = shown["findings"].as_array().unwrap();
        all.iter()
            .find(|finding| finding["name"] == name)
            .unwrap_or_else(|| panic!("{name}"))
            .clone()
    };
    assert_eq!(finding("network-seal")["state"], "fine", "{shown}");
    for probe in shown["probes"].as_array().unwrap() {
        assert_eq!(probe["held"], true, "{probe}");
    }
    assert_eq!(finding("core-dumps")["state"], "fine");
    assert_eq!(finding("debuggers")["state"], "fine");
    assert!(finding("audit")["seen"].as_str().unwrap().contains("head"), "{shown}");
    // A vault of tests has a cheap derivation, and one person exports.
    assert_eq!(finding("passphrase-kdf")["state"], "warning");
    assert_eq!((finding("policy")["state"].as_str(), done.code), (Some("warning"), 1));
}

#[test]
fn the_program_starts_without_variables_that_it_does_not_know() {
    if !strace::is_allowed() || !is_root() {
        return;
    }
    let place = Place::empty();
    let log = place.out("strace.log");
    let wrapper = ["strace", "-f", "-qq", "-v", "-s", "9999", "-e", "trace=execve", "-o"];
    let wrapper: Vec<&OsStr> = wrapper.iter().map(OsStr::new).chain([log.as_os_str()]).collect();
    let mut command = place.command_through(&wrapper, ["manual", "limits"]);
    command.env("OPENSSL_CONF", "/planted-marker").env("LD_BIND_NOW", "1");
    let done = place.finish(command).ok();
    assert!(done.out.contains("# What is protected"));
    let trace = fs::read_to_string(&log).unwrap();
    let starts: Vec<_> = trace.lines().filter(|line| line.contains("execve(")).collect();
    // The first is how it was started; the last is how it runs.
    assert!(starts[0].contains("planted-marker"), "{starts:?}");
    let last = starts.last().unwrap();
    assert!(starts.len() > 1 && !last.contains("planted-marker"), "{starts:?}");
    assert!(last.contains("VAULTMARK_VAULT=") && !last.contains("LD_BIND_NOW"), "{last}");
}

#[test]
fn a_vault_stays_shut_where_its_policys_walls_do_not_stand() {
    if !strace::is_allowed() {
        return;
    }
    let place = Place::with_project("Cells");
    // A kernel without filters, and one without Landlock.
    for call in ["seccomp", "landlock_create_ruleset"] {
        let done = without(&place, call, &["project", "list"]).ends(1);
        assert!(done.err.contains("full containment"), "{call}: {}", done.err);
        let done =
            without(&place, call, &["init", "--officer", "Eve", "--vault", "/nonexistent/v"]);
        assert!(done.err.contains("full containment"), "{call}: {}", done.err);
    }
    // Nothing was lost by it.
    place.run(["project", "list"]).ok();
    place.is_whole("after refused sign-ins");
}

#[test]
fn a_policy_of_partial_containment_opens_and_says_what_is_missing() {
    if !strace::is_allowed() || !has_tool("strace") {
        return;
    }
    let place = Place::empty();
    let made = ["init", "--officer", &place.person, "--containment", "partial"];
    without(&place, "landlock_create_ruleset", &made).ok();
    without(&place, "landlock_create_ruleset", &["project", "new", "Old kernel"]).ok();
    let done = without(&place, "landlock_create_ruleset", &["--json", "posture"]).ends(1);
    let shown = done.json();
    let all = shown["findings"].as_array().unwrap();
    let state = |name: &str| &all.iter().find(|one| one["name"] == name).unwrap()["state"];
    assert_eq!(
        (state("decoder-walls"), state("network-seal")),
        (&"warning".into(), &"fine".into())
    );
    assert!(
        all.iter().any(|one| one["seen"].as_str().unwrap().contains("without full containment"))
    );
    // What was tried behind the missing wall went through; the others hold without it.
    let probes = shown["probes"].as_array().unwrap();
    let of = |probe: &Value, word: &str| probe["what"].as_str().unwrap().contains(word);
    let walled: Vec<_> = probes.iter().filter(|probe| of(probe, "decoder")).collect();
    assert_eq!(walled.len(), 9);
    for probe in walled {
        assert_eq!(probe["held"], !of(probe, "Landlock"), "{probe}");
    }
}
