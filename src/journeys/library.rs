//! The library: items of a project, filtered and sorted by its indexes.

use vaultmark_model::{ItemId, ProjectId};
use vaultmark_store::project::{Folders, ItemQuery, Page};

use crate::policy::Operation;
use crate::{AppError, Session};

/// The most rows of one page.
const PAGE: u64 = 1000;
/// The most identifiers that are listed.
const IDS: u64 = 1_000_000;

/// One page of items.
///
/// # Errors
/// Where the policy refuses or the database fails.
pub fn items(session: &Session, project: ProjectId, query: &ItemQuery) -> Result<Page, AppError> {
    let query = ItemQuery { limit: query.limit.min(PAGE), ..query.clone() };
    Ok(session.enter(Operation::ItemsRead, project)?.items(&query)?)
}

/// The identifiers of all items that match, in order: what next and previous walk along. Beyond the
/// first million there are none.
///
/// # Errors
/// Where the policy refuses or the database fails.
pub fn ids(
    session: &Session,
    project: ProjectId,
    query: &ItemQuery,
) -> Result<Vec<ItemId>, AppError> {
    let limit = if query.limit == 0 { IDS } else { query.limit.min(IDS) };
    let query = ItemQuery { limit, ..query.clone() };
    Ok(session.enter(Operation::ItemsRead, project)?.item_ids(&query)?)
}

/// The folders of a project with their counts.
///
/// # Errors
/// Where the policy refuses or the database fails.
pub fn folders(session: &Session, project: ProjectId) -> Result<Folders, AppError> {
    Ok(session.enter(Operation::ItemsRead, project)?.folders()?)
}
