//! The library: items of a project, filtered and sorted by its indexes.

use vaultmark_model::{ItemId, ProjectId};
use vaultmark_store::project::{Folder, ItemQuery, Page};

use crate::policy::Operation;
use crate::{AppError, Session};

/// The most rows of one page.
const PAGE: u64 = 1000;

/// One page of items.
///
/// # Errors
/// Where the policy refuses or the database fails.
pub fn items(session: &Session, project: ProjectId, query: &ItemQuery) -> Result<Page, AppError> {
    let query = ItemQuery { limit: query.limit.min(PAGE), ..query.clone() };
    Ok(session.enter(Operation::ItemsRead, project)?.items(&query)?)
}

/// The identifiers of all items that match, in order: what next and previous walk along.
///
/// # Errors
/// Where the policy refuses or the database fails.
pub fn ids(
    session: &Session,
    project: ProjectId,
    query: &ItemQuery,
) -> Result<Vec<ItemId>, AppError> {
    Ok(session.enter(Operation::ItemsRead, project)?.item_ids(query)?)
}

/// The folders of a project with their counts.
///
/// # Errors
/// Where the policy refuses or the database fails.
pub fn folders(session: &Session, project: ProjectId) -> Result<Vec<Folder>, AppError> {
    Ok(session.enter(Operation::ItemsRead, project)?.folders()?)
}
