//! The walls, each in a process of its own: this program starts itself.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

use std::net::{TcpListener, TcpStream};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::{Command, ExitCode, Output};

use vaultmark_contain::{
    FileWall, Standing, attempt_forbidden, file_wall, probe_decoder, probe_network, seal_network,
    standing, wall_decoder,
};

type Case = (&'static str, fn(&str));

/// What a child does; `main` runs the checks of them all.
const CHILDREN: &[Case] = &[
    ("connect", |address| println!("{:?}", TcpStream::connect(address).map(drop))),
    ("connect-sealed", |address| {
        seal_network().unwrap();
        assert_eq!(standing(), Standing::Sealed);
        println!("{:?}", TcpStream::connect(address).map(drop).map_err(|e| e.raw_os_error()));
        // What it starts has no more.
        let child = start("connect", address);
        println!("{}", String::from_utf8_lossy(&child.stdout).trim());
    }),
    ("probe", |_| {
        let here = std::env::current_exe().unwrap();
        let before = probe_network((&here, "forbidden"));
        seal_network().unwrap();
        for (before, after) in before.iter().zip(probe_network((&here, "forbidden"))) {
            println!("{}\t{}\t{}\t{}", before.what, before.held, after.held, after.seen);
        }
    }),
    ("probe-decoder", |_| {
        let here = std::env::current_exe().unwrap();
        for probe in probe_decoder((&here, "forbidden")) {
            println!("{}\t{}\t{}", probe.what, probe.held, probe.seen);
        }
    }),
    ("sealed-again", |left| {
        seal_network().unwrap();
        match left.parse::<u32>().unwrap().checked_sub(1) {
            Some(left) => {
                let here = std::env::current_exe().unwrap();
                let error =
                    Command::new(here).args(["--as=sealed-again", &left.to_string()]).exec();
                panic!("{error}");
            }
            None => {
                let here = std::env::current_exe().unwrap();
                let held =
                    |probes: Vec<vaultmark_contain::Probe>| probes.iter().all(|one| one.held);
                let helper = (here.as_path(), "forbidden");
                println!("{} {}", held(probe_network(helper)), held(probe_decoder(helper)));
            }
        }
    }),
    ("sealed-with-a-socket", |_| {
        let _listener = TcpListener::bind("127.0.0.1:0").unwrap();
        println!("{}", seal_network().unwrap_err());
    }),
    ("walled-computes", |_| {
        let before = file_wall();
        assert_eq!(wall_decoder().unwrap(), before);
        // Memory, hash tables, a caught panic.
        let table: std::collections::HashMap<usize, Vec<u8>> =
            (0..1000).map(|n| (n, vec![7; n * 100])).collect();
        let sum: usize = table.values().map(Vec::len).sum();
        assert_eq!(sum, 49_950_000);
        std::panic::set_hook(Box::new(|_| {}));
        assert!(std::panic::catch_unwind(|| panic!("caught")).is_err());
        let opened = std::fs::File::open("/etc/passwd").map(drop).map_err(|e| e.raw_os_error());
        println!("{opened:?}");
    }),
    ("walled-thread", |_| {
        wall_decoder().unwrap();
        let _ = std::thread::Builder::new().spawn(|| {});
    }),
    ("walled-socket", |_| {
        wall_decoder().unwrap();
        let _ = std::os::unix::net::UnixStream::connect("/nowhere");
    }),
    ("walled-program", |_| {
        wall_decoder().unwrap();
        let _ = Command::new("/bin/true").status();
    }),
];

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if let Some(verb) = words.first().and_then(|word| word.strip_prefix("--as=")) {
        let (_, child) = CHILDREN.iter().find(|(name, _)| *name == verb).unwrap();
        child(words.get(1).map_or("", String::as_str));
        return ExitCode::SUCCESS;
    }
    // `forbidden NAME` is how a helper program is asked.
    if words.first().is_some_and(|word| word == "forbidden") {
        return attempt_forbidden(&words[1]).into();
    }
    // What a test runner asks of a program that lists its tests.
    let all = tests();
    if words.iter().any(|word| word == "--list") {
        if !words.iter().any(|word| word == "--ignored") {
            all.iter().for_each(|(name, _)| println!("{name}: test"));
        }
        return ExitCode::SUCCESS;
    }
    let named = |name: &str| {
        let wanted: Vec<_> = words.iter().filter(|word| !word.starts_with('-')).collect();
        wanted.is_empty() || wanted.iter().any(|word| name.contains(word.as_str()))
    };
    let run: Vec<_> = all.into_iter().filter(|(name, _)| named(name)).collect();
    println!("running {} tests", run.len());
    for (name, test) in &run {
        test();
        println!("test {name} ... ok");
    }
    println!(
        "test result: ok. {} passed; 0 failed; 0 ignored; 0 measured; 0 filtered out",
        run.len()
    );
    ExitCode::SUCCESS
}

fn tests() -> Vec<(&'static str, fn())> {
    vec![
        ("the_seal_stops_what_reaches_a_listener_without_it", seal_stops),
        ("probes_tell_a_sealed_process_from_an_open_one", probes_tell),
        ("a_decoders_walls_are_tried_one_by_one", decoder_is_tried),
        ("a_program_that_starts_anew_for_weeks_stays_sealed", stays_sealed),
        ("an_inherited_network_socket_is_named", inherited_is_named),
        ("a_walled_process_computes_and_opens_nothing", walled_computes),
        ("a_walled_process_ends_where_it_reaches_further", walled_ends),
    ]
}

fn start(verb: &str, argument: &str) -> Output {
    let here = std::env::current_exe().unwrap();
    Command::new(here).arg(format!("--as={verb}")).arg(argument).output().unwrap()
}

fn said(verb: &str, argument: &str) -> String {
    let output = start(verb, argument);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn seal_stops() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    // The control: without the seal the same program gets through.
    assert_eq!(said("connect", &address), "Ok(())\n");
    listener.accept().unwrap();
    let sealed = said("connect-sealed", &address);
    let mut lines = sealed.lines();
    assert_eq!(lines.next(), Some("Err(Some(13))"));
    assert!(lines.next().unwrap().contains("PermissionDenied"), "{sealed}");
    listener.set_nonblocking(true).unwrap();
    assert!(listener.accept().is_err(), "somebody got through");
}

fn probes_tell() {
    let text = said("probe", "");
    let mut lost = 0;
    for line in text.lines() {
        let words: Vec<&str> = line.split('\t').collect();
        assert_eq!(words[2], "true", "{line}");
        lost += usize::from(words[1] == "false");
    }
    // A container may forbid some of it by itself; sockets it does not.
    assert!(lost >= 2, "{text}");
    assert!(text.contains("x32") || cfg!(not(target_arch = "x86_64")), "{text}");
}

fn decoder_is_tried() {
    let text = said("probe-decoder", "");
    assert_eq!(text.lines().count(), 9, "{text}");
    for line in text.lines() {
        // Where the kernel has no Landlock the attempt behind it alone says so.
        let may_fail = line.contains("Landlock") && file_wall() == FileWall::Missing;
        assert_eq!(line.contains("\ttrue\t"), !may_fail, "{line}");
    }
    // A word that nobody knows is no wall that held.
    let here = std::env::current_exe().unwrap();
    let unknown = Command::new(here).args(["forbidden", "unknown"]).status().unwrap();
    assert!(unknown.code().is_some_and(|code| code > 1), "{unknown}");
}

fn stays_sealed() {
    // More often than the kernel takes filters.
    let said = said("sealed-again", "800");
    assert!(said == "true true\n" || file_wall() == FileWall::Missing, "{said}");
}

fn inherited_is_named() {
    assert!(said("sealed-with-a-socket", "").contains("is a network socket"));
}

fn walled_computes() {
    assert_eq!(said("walled-computes", ""), "Err(Some(13))\n");
    assert!(matches!(file_wall(), FileWall::Landlock(_) | FileWall::Missing));
}

fn walled_ends() {
    for verb in ["walled-thread", "walled-socket", "walled-program"] {
        assert_eq!(start(verb, "").status.signal(), Some(31), "{verb}");
    }
}
