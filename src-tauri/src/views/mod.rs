//! What crosses to the window: plain data of its own, with the conversions from the domain. Domain
//! types never cross, so the domain can change without the window, and the other way round. The
//! TypeScript in `ui/src/ipc/bindings.ts` is generated from here.
//!
//! Identifiers are 32 hexadecimal digits; times ISO 8601 in UTC; sizes bytes; coordinates pixels in
//! the upright frame. Integers stay below 2^53, so that they are exact as JavaScript numbers.

mod annotate;
mod browse;
mod bundle;
mod error;
mod export;
mod import;
mod job;
mod labels;
mod library;
mod look;
mod manual;
mod media;
mod security;
mod side_doors;
mod vault;

pub(crate) use annotate::history_rows;
pub use annotate::{
    AnnotationView, Committed, EditRequest, ExceptionView, FlagName, HistoryRow, LevelView,
    OpenItem, StepView, UndoStateView, Undone,
};
pub use browse::{BrowseEntry, BrowseView, PlaceView, PlaceWord};
pub use bundle::VerifyReport;
pub use error::{Answer, AppError};
pub use export::{ExportPlan, ExportReport, ExportRequest, LossView};
pub use import::{
    FormatView, ImportPlan, ImportReport, NoteView, ReadReportView, RefusedFile, RefusedRecord,
};
pub use job::{JobStateWord, JobView, ProjectChanged};
pub use labels::{LabelRequest, LabelView};
pub use library::{
    DamagedProject, FoldersView, ItemPage, ItemQuery, ItemRow, ItemState, ProjectView,
    ProjectsView, SortKey,
};
pub use look::{Look, ThemeChoice};
pub use manual::{ManualHit, ManualPage, ManualTitle};
pub use media::Rendering;
pub use security::{
    AlgorithmView, CheckReport, CheckState, CheckView, FindingView, ProbeView, SecurityView,
};
pub use side_doors::PrintedPage;
pub use vault::{CreatedVault, ExportPolicyWord, NewVaultRequest, SessionView, VaultFront};
