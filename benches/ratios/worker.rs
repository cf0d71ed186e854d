//! This program again, in a process of its own: where memory is measured, nothing else may have
//! used any.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::allocator::plainly;
use crate::desk::Outcome;
use crate::{containment, export_coco, import_coco};

/// The hidden argument.
pub const WORD: &str = "--in-a-process-of-its-own";

/// What such a process tells: how long its work took, and the most memory it had.
#[derive(Debug, Clone, Copy)]
pub struct Told {
    pub time: Duration,
    pub peak: u64,
}

/// Has a process of its own do some work.
pub fn ask(work: &str, paths: &[&Path]) -> Outcome<Told> {
    rustix::fs::sync();
    let output = Command::new(std::env::current_exe()?).args([WORD, work]).args(paths).output()?;
    let said = String::from_utf8_lossy(&output.stdout);
    let mut numbers = said.split_whitespace().map(str::parse::<u64>);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(micros)), Some(Ok(peak))) if output.status.success() => {
            Ok(Told { time: Duration::from_micros(micros), peak })
        }
        _ => Err(format!("{work}: {said}{}", String::from_utf8_lossy(&output.stderr)).into()),
    }
}

/// The work in that process.
pub fn serve(words: &[String]) -> Outcome<()> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let time = match words[..] {
        ["import", vault, file, project] => {
            import_coco::ours(vault.as_ref(), file.as_ref(), project)?
        }
        ["insert", database] => plainly(|| import_coco::baseline(database.as_ref()))?,
        ["export", vault, project, to] => export_coco::ours(vault.as_ref(), project, to.as_ref())?,
        ["seal"] => containment::seal()?,
        ["serialise", to] => plainly(|| export_coco::baseline(to.as_ref()))?,
        _ => return Err("nobody asked for anything".into()),
    };
    println!("{} {}", time.as_micros(), peak()?);
    Ok(())
}

/// The most memory that this process had at once, in bytes.
fn peak() -> Outcome<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = line.and_then(|line| line.split_whitespace().next()).ok_or("no VmHWM")?;
    Ok(kibibytes.parse::<u64>()? * 1024)
}
