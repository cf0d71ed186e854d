//! Checking all of a vault that lies outside its projects, without stopping at the first fault.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use vaultmark_model::work::Work;

use super::decision::Decisions;
use super::header::Header;
use super::layout::Layout;
use super::membership::{Membership, Scope};
use super::open::Vault;
use super::slot::SlotFile;
use super::wrap_record::WrapRecord;
use crate::audit::AuditReport;
use crate::project::{CheckReport, Project};
use crate::{Finding, Findings, StoreError};

/// One part of the check.
type Step<'a> = &'a dyn Fn(&mut Findings);

const RESTORE: &str = "restore it from a backup and report it";

impl Vault {
    /// Checks header, slots, directory, membership, decisions, wrapped keys, the audit log and the
    /// names in the folder. Projects are checked by [`Vault::check_project`].
    ///
    /// # Errors
    /// [`StoreError::Cancelled`]; everything else is a finding.
    pub fn check(&self, work: Work<'_>) -> Result<Findings, StoreError> {
        let mut findings = Findings::default();
        let steps: [Step<'_>; 6] = [
            &|found| self.check_header_file(found),
            &|found| self.check_slots(found),
            &|found| self.check_directory(found),
            &|found| self.check_wraps(found),
            &|found| self.check_audit(found),
            &|found| self.check_names(found),
        ];
        for (done, step) in steps.iter().enumerate() {
            if work.cancel.is_cancelled() {
                return Err(StoreError::Cancelled);
            }
            step(&mut findings);
            (work.report)(vaultmark_model::work::Progress {
                done: done as u64 + 1,
                total: steps.len() as u64,
                ..Default::default()
            });
        }
        Ok(findings)
    }

    /// Checks all of a project.
    ///
    /// # Errors
    /// [`StoreError::Cancelled`]; [`StoreError::Io`] where the disk itself fails. Damage is a
    /// finding, not an error.
    pub fn check_project(
        &self,
        project: &Project,
        work: Work<'_>,
    ) -> Result<CheckReport, StoreError> {
        let of_vault = self.directory().statements()?;
        project.check(&of_vault, work)
    }

    /// Checks the whole audit log.
    ///
    /// # Errors
    /// [`StoreError::Io`] where it can't be read.
    pub fn verify_audit(&self) -> Result<AuditReport, StoreError> {
        let keys: Vec<_> = self.membership.keys().cloned().collect();
        self.parts.audit.verify(&keys)
    }

    fn check_header_file(&self, findings: &mut Findings) {
        let result = Header::read(&self.parts.layout.header()).and_then(|header| {
            if header == self.parts.header {
                self.parts.check_header(&self.membership, &self.decisions())
            } else {
                Err(StoreError::damaged("vault header", "it changed while the vault was open"))
            }
        });
        tell(findings, "header", "vault.header", result);
    }

    fn check_slots(&self, findings: &mut Findings) {
        let own = self.slot().name.clone();
        let mut seen = false;
        list(&self.parts.layout.slots(), findings, &mut |path, findings| {
            let place = path.file_stem().unwrap_or_default().to_string_lossy();
            seen |= place == own;
            let result = SlotFile::read(path).and_then(|file| {
                file.map(|_| ()).ok_or_else(|| StoreError::damaged("key slot", "it vanished"))
            });
            tell(findings, "key slot", &place, result);
        });
        if !seen {
            let gone = Err(StoreError::damaged("key slot", "the file is missing"));
            tell(findings, "key slot", &own, gone);
        }
    }

    fn check_directory(&self, findings: &mut Findings) {
        let known = self.decisions().pin();
        let directory = self.directory();
        match directory.integrity() {
            Ok(problems) => {
                for problem in problems {
                    findings.push(Finding::new("directory", "directory.db", problem, RESTORE));
                }
            }
            Err(error) => tell(findings, "directory", "directory.db", Err(error)),
        }
        let lists = || {
            let scope = Scope { vault: self.id(), project: None };
            let membership = Membership::verify(scope, &directory.statements()?, &|_| false)?;
            membership.check_pin(&self.membership.pin())?;
            let decisions = Decisions::verify(self.id(), &directory.decisions()?, &membership)?;
            decisions.check_pin(&known)
        };
        tell(findings, "directory", "membership and decisions", lists());
    }

    fn check_wraps(&self, findings: &mut Findings) {
        let recipient = self.recipient().to_string();
        let (wraps, projects) = {
            let directory = self.directory();
            match (directory.wraps(), directory.projects()) {
                (Ok(wraps), Ok(projects)) => (wraps, projects),
                (Err(error), _) | (_, Err(error)) => {
                    return tell(findings, "wrapped key", "directory.db", Err(error));
                }
            }
        };
        for signed in wraps {
            let record = match WrapRecord::verify(&signed) {
                Ok(record) => record,
                Err(error) => {
                    tell(findings, "wrapped key", "directory.db", Err(error));
                    continue;
                }
            };
            if record.recipient == recipient {
                let opened = record.open(&self.officeholder.identity).map(|_| ());
                tell(findings, "wrapped key", &record.project.to_string(), opened);
            }
        }
        let pins = self.slot().pins.projects.clone();
        for (id, pin) in &pins {
            let result = self.newest_record(*id, &recipient, Some(pin)).map(|_| ());
            tell(findings, "wrapped key", &id.to_string(), result);
        }
        for id in projects {
            if !self.parts.layout.project(id).is_dir() {
                let gone = Err(StoreError::damaged("project", "its folder is missing"));
                tell(findings, "project", &id.to_string(), gone);
            }
        }
    }

    fn check_audit(&self, findings: &mut Findings) {
        self.parts.audit.findings().iter().cloned().for_each(|one| findings.push(one));
        match self.verify_audit() {
            Ok(report) => report.findings.into_iter().for_each(|one| findings.push(one)),
            Err(error) => tell(findings, "audit log", "audit/log", Err(error)),
        }
    }

    /// Files that no vault has: left by an interrupted making, or put there.
    fn check_names(&self, findings: &mut Findings) {
        const STRANGE: &str = "no vault has a file or folder of this name";
        const LOOK: &str = "look at what it is; the vault does not use it";
        let layout = &self.parts.layout;
        list(layout.root(), findings, &mut |path, findings| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if !Layout::NAMES.contains(&&*name) {
                findings.push(Finding::new("vault folder", name, STRANGE, LOOK));
            }
        });
        let known: BTreeSet<String> = match self.directory().projects() {
            Ok(ids) => ids.iter().map(ToString::to_string).collect(),
            // Told by the directory's own check.
            Err(_) => return,
        };
        list(&layout.projects(), findings, &mut |path, findings| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if !known.contains(&*name) {
                findings.push(Finding::new(
                    "project",
                    name,
                    "the vault knows no project of this id and has no key to it",
                    "it is what an interrupted making left, or the directory was put back from an \
                     old copy: compare with a backup before you remove it",
                ));
            }
        });
    }
}

/// Goes over what a folder holds, in whatever order the disk gives it.
fn list(folder: &Path, findings: &mut Findings, look: &mut dyn FnMut(&Path, &mut Findings)) {
    let read = fs::read_dir(folder).and_then(|mut entries| {
        entries.try_for_each(|entry| entry.map(|one| look(&one.path(), findings)))
    });
    if let Err(source) = read {
        let error = StoreError::io("reading", folder, source);
        tell(findings, "vault folder", &folder.display().to_string(), Err(error));
    }
}

fn tell(findings: &mut Findings, what: &str, place: &str, result: Result<(), StoreError>) {
    if let Err(error) = result {
        findings.push(Finding::new(what, place, error.to_string(), RESTORE));
    }
}
