//! The long run: an hour of processor time of fuzzing for each target. It takes as long as it takes,
//! over as many evenings as there are: each slice is a dated line in `tests/soak/fuzz.tsv`, and the
//! next run goes on with whoever had the least.

mod ledger;

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::fuzz::{self, Target};
use crate::run::Outcome;
use ledger::{Ledger, Slice};

/// Seconds of processor time that each target gets.
const HOUR: u64 = 3600;
/// Seconds of one slice.
const SLICE: u64 = 300;
/// A slice shorter than this is not begun.
const SHORTEST: u64 = 20;
/// Clock ticks a second in /proc (proc_pid_stat(5); always 100 as programs see it).
const TICKS: u64 = 100;

/// `[--minutes N] [--jobs N]`: goes on until every target had its hour, or for so long.
pub fn run(words: &[String]) -> Outcome {
    let (minutes, jobs) = wanted(words)?;
    let end = minutes.map(|minutes| Instant::now() + Duration::from_secs(minutes * 60));
    let commit = ledger::commit();
    fuzz::build()?;
    let ledger = Mutex::new(Ledger::open(commit)?);
    let failed = Mutex::new(Vec::new());
    let outcomes: Vec<Outcome> = thread::scope(|scope| {
        let work = || work(&ledger, &failed, end);
        let threads: Vec<_> = (0..jobs).map(|_| scope.spawn(work)).collect();
        threads
            .into_iter()
            .map(|thread| {
                thread.join().unwrap_or_else(|_| Err("a thread of the soak broke".into()))
            })
            .collect()
    });
    let ledger = ledger.into_inner().unwrap_or_else(PoisonError::into_inner);
    println!("\n{}", ledger.summary());
    outcomes.into_iter().collect::<Outcome>()?;
    let failed: Vec<String> = failed.into_inner().unwrap_or_else(PoisonError::into_inner);
    if failed.is_empty() {
        Ok(())
    } else {
        Err(format!("it did not end well: {}", failed.join(", ")))
    }
}

fn wanted(words: &[String]) -> Outcome<(Option<u64>, usize)> {
    let (mut minutes, mut jobs) = (None, thread::available_parallelism().map_or(1, usize::from));
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let number = words.next().and_then(|text| text.parse::<u64>().ok());
        match (word.as_str(), number) {
            ("--minutes", Some(number)) => minutes = Some(number),
            ("--jobs", Some(number @ 1..=64)) => jobs = number as usize,
            _ => return Err("say `--minutes N`, `--jobs N`, both or neither".into()),
        }
    }
    Ok((minutes, jobs))
}

/// Slice after slice.
fn work(ledger: &Mutex<Ledger>, failed: &Mutex<Vec<String>>, end: Option<Instant>) -> Outcome {
    let lock = || ledger.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        let left = end.map_or(SLICE, |end| end.saturating_duration_since(Instant::now()).as_secs());
        let Some(name) = (left >= SHORTEST).then(|| lock().take(HOUR)).flatten() else {
            return Ok(());
        };
        let target = Target::new(&name)?;
        let told = run_slice(target.command(SLICE.min(left)));
        let (told, outcome) = match told {
            Ok(told) if told.well => (told, Ok(())),
            Ok(told) => (told, Err(format!("the target {name} ended badly"))),
            Err(failure) => (Told::default(), Err(failure)),
        };
        let findings = match target.findings(outcome) {
            Ok(findings) => findings,
            Err(failure) => {
                // Others get their turn.
                failed.lock().unwrap_or_else(PoisonError::into_inner).push(failure);
                lock().set_aside(&name);
                Vec::new()
            }
        };
        let slice = Slice {
            target: name.clone(),
            seconds: told.seconds,
            executions: told.executions,
            findings: findings.len() as u64,
        };
        println!("{}", lock().add(&slice)?);
        if !findings.is_empty() {
            // It would stop at the same input again: others get their turn until it is mended.
            let names = findings.iter().map(|path| path.display().to_string());
            failed.lock().unwrap_or_else(PoisonError::into_inner).extend(names);
            lock().set_aside(&name);
        }
        lock().give_back(&name);
    }
}

/// What a slice came to.
#[derive(Default)]
struct Told {
    /// Seconds of processor time.
    seconds: u64,
    executions: u64,
    well: bool,
}

fn run_slice(mut command: Command) -> Outcome<Told> {
    let name = crate::run::shown(&command);
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("{name} did not start: {error}"))?;
    let mut told = Told::default();
    if let Some(err) = child.stderr.take() {
        for line in BufReader::new(err).split(b'\n').map_while(Result::ok) {
            let line = String::from_utf8_lossy(&line);
            if let Some(number) = line.strip_prefix("stat::number_of_executed_units:") {
                told.executions = number.trim().parse().unwrap_or(0);
            }
        }
    }
    told.seconds = processor_seconds(&child);
    told.well = child.wait().map_err(|error| format!("{name}: {error}"))?.success();
    Ok(told)
}

/// What a process used that has ended and was not waited for yet (proc_pid_stat(5), fields 14, 15).
fn processor_seconds(child: &Child) -> u64 {
    loop {
        let Ok(stat) = std::fs::read_to_string(format!("/proc/{}/stat", child.id())) else {
            return 0;
        };
        // The name in field 2 may hold anything but ends with the last parenthesis.
        let fields: Vec<&str> =
            stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        if fields.first() == Some(&"Z") {
            let number = |at: usize| fields.get(at).and_then(|text| text.parse::<u64>().ok());
            return (number(11).unwrap_or(0) + number(12).unwrap_or(0)) / TICKS;
        }
        thread::sleep(Duration::from_millis(20));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minutes_jobs_both_or_neither() {
        let ask = |words: &[&str]| {
            wanted(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>())
        };
        assert_eq!(ask(&["--minutes", "5", "--jobs", "1"]), Ok((Some(5), 1)));
        assert_eq!(ask(&[]).map(|(minutes, _)| minutes), Ok(None));
        for wrong in [&["5"][..], &["--minutes"], &["--jobs", "0"], &["--minutes", "x"]] {
            assert!(ask(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn the_time_of_a_process_that_ended_is_read() {
        let mut command = Command::new("sh");
        command.args(["-c", "i=0; while [ $i -lt 3000000 ]; do i=$((i+1)); done"]);
        let told = run_slice(command).unwrap();
        assert!(told.well && (1..600).contains(&told.seconds), "{} s", told.seconds);
    }
}
