//! Who changed what: the signed headers of every chain with the leaves that the present state
//! rests on, and the statements of who the authors are.

use std::io::Write;
use std::sync::Arc;

use vaultmark_bundle::{BundleError, Entry, provenance};
use vaultmark_model::canonical::Canonical as _;
use vaultmark_model::change::Header;
use vaultmark_store::StoreError;
use vaultmark_store::project::{Disclosure, Project};

use crate::AppError;

/// `data/provenance/changes.cborseq` and `data/provenance/members.cborseq`.
pub(super) fn entries(project: &Arc<Project>, history: bool) -> Result<Vec<Entry>, AppError> {
    let disclosure = if history { Disclosure::History } else { Disclosure::Current };
    let source = Arc::clone(project);
    let changes = move |out: &mut dyn Write| -> Result<(), BundleError> {
        let mut writer = provenance::ChangeWriter::new(out);
        let walked = source.each_change(disclosure, &mut |link, leaves| {
            let header = Header::from_bytes(&link.header).map_err(BundleError::from)?;
            writer.change(link, header.leaves)?;
            for leaf in leaves {
                writer.leaf(&leaf?.as_leaf())?;
            }
            Ok::<(), Ended>(())
        });
        walked.map_err(Ended::into_bundle)?;
        writer.finish().map(|_| ())
    };
    let source = Arc::clone(project);
    let members = move |out: &mut dyn Write| -> Result<(), BundleError> {
        let received =
            source.received_statements().map_err(|e| unreadable(provenance::MEMBERS, e))?;
        let statements = source.statements().map_err(|e| unreadable(provenance::MEMBERS, e))?;
        for statement in received.into_iter().chain(statements) {
            provenance::write_statement(&mut &mut *out, &statement.bytes, &statement.signature)?;
        }
        Ok(())
    };
    Ok(vec![
        Entry::measured(provenance::CHANGES, Box::new(changes))?,
        Entry::measured(provenance::MEMBERS, Box::new(members))?,
    ])
}

fn unreadable(entry: &str, error: StoreError) -> BundleError {
    BundleError::Source { entry: entry.to_owned(), source: error.into() }
}

/// What ends a walk: the store below it, or the writer that it feeds.
enum Ended {
    Store(StoreError),
    Writer(BundleError),
}

impl From<StoreError> for Ended {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<BundleError> for Ended {
    fn from(error: BundleError) -> Self {
        Self::Writer(error)
    }
}

impl Ended {
    fn into_bundle(self) -> BundleError {
        match self {
            Self::Store(error) => unreadable(provenance::CHANGES, error),
            Self::Writer(error) => error,
        }
    }
}
