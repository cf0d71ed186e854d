//! Projects and their items, in pages.

use serde::{Deserialize, Serialize};
use specta::Type;
use vaultmark::journeys::projects::{Damaged, ProjectSummary, Projects};
use vaultmark::model::Item;
use vaultmark::store::project as store;

use super::{Answer, AppError};
use crate::arguments;

/// A project in the list.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
pub struct ProjectView {
    /// Its identifier.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its marking.
    pub marking: String,
    /// Items.
    pub items: u64,
    /// Annotations.
    pub annotations: u64,
    /// Items that are done.
    pub done: u64,
    /// When it was made in this vault.
    pub created: String,
    /// What the person is in it.
    pub roles: Vec<String>,
}

impl From<ProjectSummary> for ProjectView {
    fn from(project: ProjectSummary) -> Self {
        let ProjectSummary { info, counts, roles } = project;
        Self {
            id: info.identity.id.to_string(),
            name: info.identity.name,
            marking: info.identity.marking.text().into(),
            items: counts.items,
            annotations: counts.annotations,
            done: counts.done,
            created: info.created.to_iso(),
            roles: roles.iter().map(|role| role.word().into()).collect(),
        }
    }
}

/// A project that can't be opened.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
pub struct DamagedProject {
    /// Its identifier; its name lies inside it.
    pub id: String,
    /// Why.
    pub error: AppError,
}

/// The projects that the person holds a key for.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
pub struct ProjectsView {
    /// Those that can be opened, by name.
    pub projects: Vec<ProjectView>,
    /// Those that can't be.
    pub damaged: Vec<DamagedProject>,
}

impl From<Projects> for ProjectsView {
    fn from(all: Projects) -> Self {
        let damaged =
            |Damaged { id, error }| DamagedProject { id: id.to_string(), error: error.into() };
        Self {
            projects: all.projects.into_iter().map(Into::into).collect(),
            damaged: all.damaged.into_iter().map(damaged).collect(),
        }
    }
}

/// How far the work on an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ItemState {
    /// No annotation, and not said to be done.
    New,
    /// Annotations, and not said to be done.
    InProgress,
    /// Every object is labelled.
    Done,
    /// Marked for attention.
    Flagged,
}

/// What items are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum SortKey {
    /// Folder and name.
    Path,
    /// The order of import.
    Number,
    /// Number of annotations.
    Annotations,
    /// Bytes.
    Size,
}

/// Which items, and which page of them.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
pub struct ItemQuery {
    /// The path holds this text.
    pub text: Option<String>,
    /// It has an annotation with this label.
    pub label: Option<String>,
    /// It lies in this folder or below it.
    pub folder: Option<String>,
    /// How far the work is.
    pub state: Option<ItemState>,
    /// The order.
    pub sort: SortKey,
    /// Largest first.
    pub descending: bool,
    /// How many to pass over.
    pub offset: u64,
    /// How many to give.
    pub limit: u32,
}

impl ItemQuery {
    pub(crate) fn checked(self) -> Answer<store::ItemQuery> {
        arguments::maybe("text", self.text.as_ref(), arguments::SEARCH)?;
        arguments::maybe("folder", self.folder.as_ref(), arguments::PATH)?;
        let label = self.label.map(|label| arguments::id("label", &label)).transpose()?;
        Ok(store::ItemQuery {
            text: self.text.filter(|text| !text.is_empty()),
            label,
            folder: self.folder,
            state: self.state.map(|state| match state {
                ItemState::New => store::ItemState::New,
                ItemState::InProgress => store::ItemState::InProgress,
                ItemState::Done => store::ItemState::Done,
                ItemState::Flagged => store::ItemState::Flagged,
            }),
            sort: match self.sort {
                SortKey::Path => store::Sort::Path,
                SortKey::Number => store::Sort::Number,
                SortKey::Annotations => store::Sort::Annotations,
                SortKey::Size => store::Sort::Size,
            },
            descending: self.descending,
            offset: self.offset,
            limit: u64::from(self.limit),
        })
    }
}

/// An item in the library. Its thumbnail lies at `<media_base>/thumb/<project>/<id>`.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
pub struct ItemRow {
    /// Its identifier.
    pub id: String,
    /// File name.
    pub name: String,
    /// Folder inside the project, empty at the top.
    pub folder: String,
    /// Upright width in pixels.
    pub width: u32,
    /// Upright height in pixels.
    pub height: u32,
    /// Format, as recognised from the content.
    pub format: String,
    /// Bytes of the file.
    pub size: u64,
    /// Annotations.
    pub annotations: u32,
    /// Marked for attention.
    pub flagged: bool,
    /// Every object is labelled.
    pub done: bool,
    /// Whether the file is in the vault.
    pub has_media: bool,
    /// Whether there is a thumbnail.
    pub has_thumbnail: bool,
}

impl From<store::ItemRow> for ItemRow {
    fn from(row: store::ItemRow) -> Self {
        let Item { id, body, flagged, done, .. } = row.item;
        Self {
            id: id.to_string(),
            name: body.path.file_name(),
            folder: body.path.folder(),
            width: body.facts.width(),
            height: body.facts.height(),
            format: body.facts.format.word().into(),
            size: body.size,
            annotations: row.annotations,
            flagged,
            done,
            has_media: row.has_media,
            has_thumbnail: row.has_thumbnail,
        }
    }
}

/// A page of items.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
pub struct ItemPage {
    /// The items.
    pub rows: Vec<ItemRow>,
    /// How many there are in all.
    pub total: u64,
}

impl From<store::Page> for ItemPage {
    fn from(page: store::Page) -> Self {
        Self { rows: page.rows.into_iter().map(Into::into).collect(), total: page.total }
    }
}

/// A folder that holds items.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
pub struct FolderView {
    /// Its path, empty at the top.
    pub path: String,
    /// Items in it.
    pub items: u64,
}

/// The folders of a project.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
pub struct FoldersView {
    /// Sorted; the first 10,000, or 2 MiB of paths.
    pub listed: Vec<FolderView>,
    /// Folders beyond those.
    pub further: u64,
    /// Items in all of them.
    pub items: u64,
}

impl From<store::Folders> for FoldersView {
    fn from(folders: store::Folders) -> Self {
        let store::Folders { listed, further, items } = folders;
        Self { listed: listed.into_iter().map(Into::into).collect(), further, items }
    }
}

impl From<store::Folder> for FolderView {
    fn from(folder: store::Folder) -> Self {
        Self { path: folder.path, items: folder.items }
    }
}
