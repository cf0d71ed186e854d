//! `posture`: how this installation protects itself; with a vault, that too.

use serde_json::{Value, json};

use crate::cli::arguments::{Common, Posture};
use crate::cli::output::{Output, table};
use crate::cli::{Ending, sign_in};
use crate::journeys::posture::page::Page;
use crate::journeys::posture::{self, ALGORITHMS, Finding, State};
use crate::{AppError, PROGRAM, ambient};

/// Looks, and fails where something is not as it should be.
pub fn run(common: &Common, wish: &Posture, output: &mut Output) -> Result<Ending, AppError> {
    if wish.print && common.json {
        return Err(AppError::Invalid {
            what: "the command",
            why: "a page for a printer is text: give `--print` or `--json`, not both".into(),
        });
    }
    let vault = common.vault.as_deref();
    let helper = sign_in::decoder()?.program;
    // While the vault is open, as the window does it.
    let (found, of_vault) = match (vault, &common.login) {
        (Some(_), Some(_)) => sign_in::with_session(common, |session| {
            let found = posture::installation(&helper, vault);
            Ok((found, Some(posture::vault(session)?)))
        })?,
        _ => (posture::installation(&helper, vault), None),
    };
    let signed_in = of_vault.is_some();
    let mut findings = found.findings;
    findings.extend(of_vault.into_iter().flatten());
    let fine = findings.iter().all(|finding| finding.state != State::Warning);
    let ending = if fine { Ending::Done } else { Ending::Failed };
    if wish.print {
        // On paper a path says nothing without where it begins.
        let folder = vault.map(|folder| folder.canonicalize().unwrap_or_else(|_| folder.into()));
        let folder = folder.map(|folder| folder.to_string_lossy().into_owned());
        let page = Page {
            time: ambient::system().now(),
            vault: folder.as_deref(),
            signed_in,
            findings: &findings,
            probes: &found.probes,
        };
        output.raw(page.text().as_bytes());
        return Ok(ending);
    }
    let value = json!({
        "program": PROGRAM,
        "vault": vault,
        "vault_looked_at": signed_in,
        "findings": findings,
        "probes": found.probes.iter().map(|probe| json!({
            "what": probe.what, "expected": probe.expected, "seen": probe.seen, "held": probe.held,
        })).collect::<Vec<_>>(),
        "algorithms": ALGORITHMS.iter()
            .map(|(what, how)| ((*what).to_owned(), Value::from(*how)))
            .collect::<serde_json::Map<_, _>>(),
    });
    output.result(&value, || {
        let tried = found.probes.iter().map(|probe| {
            [mark(probe.held), probe.what, probe.expected, &probe.seen].map(str::to_owned).to_vec()
        });
        let used = ALGORITHMS.iter().map(|(what, how)| vec![(*what).to_owned(), (*how).to_owned()]);
        let more = if !signed_in {
            "\nThe vault itself was not looked at: give `--vault DIR` and `--as NAME` for that.\n"
        } else {
            ""
        };
        format!(
            "{}\nTried now: what, expected, seen\n{}\nUsed\n{}{more}",
            listed(&findings),
            table(&tried.collect::<Vec<_>>()),
            table(&used.collect::<Vec<_>>())
        )
    });
    Ok(ending)
}

/// A line each, and below it what to do.
fn listed(findings: &[Finding]) -> String {
    let width = findings.iter().map(|finding| finding.name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for finding in findings {
        let sign = match finding.state {
            State::Fine => "ok     ",
            State::Warning => "WARNING",
            State::Unknown => "unknown",
        };
        text.push_str(&format!("{sign}  {:width$}  {}\n", finding.name, finding.seen));
        if let Some(remedy) = finding.remedy {
            text.push_str(&format!("         {:width$}  -> {remedy}\n", ""));
        }
    }
    text
}

fn mark(held: bool) -> &'static str {
    if held { "ok" } else { "FAILED" }
}
