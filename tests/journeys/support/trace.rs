//! What `strace -y` wrote, one line a call: with `-ff` into one file a thread, with `-f` into one file
//! with the thread's number before each.

use std::path::{Path, PathBuf};

/// A system call.
#[derive(Debug, PartialEq, Eq)]
pub struct Call {
    pub name: String,
    pub arguments: String,
    pub result: String,
}

/// The calls of one file.
pub fn calls_in(text: &str) -> impl Iterator<Item = Call> {
    text.lines().filter_map(call)
}

/// Whether it is the kernel's own table of what a core of a process may hold; 0 is written there.
pub fn is_core_table(path: &Path) -> bool {
    path.starts_with("/proc") && path.ends_with("coredump_filter")
}

/// A line such as `openat(AT_FDCWD</x>, "a", O_RDWR|O_CREAT, 0600) = 3</x/a>`.
fn call(line: &str) -> Option<Call> {
    let line = line.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start();
    let (name, rest) = line.split_once('(')?;
    // A thread that was ended within a call has no answer.
    let (arguments, result) = rest.rsplit_once(" = ").unwrap_or((rest, "?"));
    let arguments = arguments.trim_end().trim_end_matches(')');
    Some(Call { name: name.into(), arguments: arguments.into(), result: result.into() })
}

impl Call {
    /// Whether the kernel did it, or may have.
    pub fn succeeded(&self) -> bool {
        !self.result.starts_with("-1 ")
    }

    /// The names that it made, wrote, renamed or removed.
    pub fn written(&self) -> Vec<PathBuf> {
        let opens = self.name.starts_with("open");
        let writes = ["O_WRONLY", "O_RDWR", "O_CREAT", "O_TMPFILE", "O_TRUNC"];
        let reads = opens && !writes.iter().any(|flag| self.arguments.contains(flag));
        let others = ["socket", "connect", "bind", "exec", "io_uring", "memfd"];
        if reads || !self.succeeded() || others.iter().any(|name| self.name.starts_with(name)) {
            return Vec::new();
        }
        // What was opened, by its whole name.
        if opens && let Some(path) = self.result.split_once("</") {
            return vec![Path::new("/").join(path.1.trim_end_matches('>'))];
        }
        let mut folder = PathBuf::new();
        let mut paths = Vec::new();
        let mut parts = self.arguments.split('"');
        // Between quotes stand names; before a name, `</folder>` says what it is relative to.
        while let Some(before) = parts.next() {
            if let Some((_, rest)) = before.rsplit_once('<') {
                folder = Path::new(rest.split('>').next().unwrap_or_default()).to_owned();
            }
            if let Some(name) = parts.next() {
                paths.push(folder.join(name));
            }
        }
        // What a link says is no name that was made.
        if self.name.starts_with("symlink") {
            paths.remove(0);
        }
        paths
    }

    /// The name of the local socket that was connected to.
    pub fn peer(&self) -> Option<&str> {
        let named = self.arguments.split_once("sun_path=")?.1;
        named.split('"').nth(1)
    }
}

#[test]
fn lines_are_read() {
    let paths = |line: &str| call(line).unwrap().written();
    let opened = r#"openat(AT_FDCWD</x>, "a", O_RDWR|O_CREAT, 0600) = 3</x/a>"#;
    assert_eq!(paths(opened), [Path::new("/x/a")]);
    assert_eq!(paths(&format!("12 {opened}")), [Path::new("/x/a")]);
    assert_eq!(paths(r#"openat(AT_FDCWD</x>, "a", O_RDONLY) = 3</x/a>"#), [] as [&Path; 0]);
    assert_eq!(paths(r#"rename("/x/a", "/x/b") = 0"#), [Path::new("/x/a"), Path::new("/x/b")]);
    assert_eq!(paths(r#"symlink("../b", "/x/a") = 0"#), [Path::new("/x/a")]);
    assert_eq!(paths(r#"mkdirat(5</y>, "b", 0700) = 0"#), [Path::new("/y/b")]);
    assert_eq!(paths(r#"mkdir("/x/a", 0700)     = -1 EEXIST (File exists)"#), [] as [&Path; 0]);
    assert_eq!(paths(r#"mkdir("/x/a", 0700"#), [Path::new("/x/a")]);
    let connect = r#"connect(7<socket:[5]>, {sa_family=AF_UNIX, sun_path=@"/tmp/.X11"}, 20) = 0"#;
    assert_eq!(call(connect).unwrap().peer(), Some("/tmp/.X11"));
}
