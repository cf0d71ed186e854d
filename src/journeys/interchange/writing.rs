//! What a format's reader makes goes to a thread of its own: reading a file and writing the database
//! each have a core, and a large import takes as long as the slower of the two.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use vaultmark_formats::SinkError;
use vaultmark_model::change::Edit;
use vaultmark_store::StoreError;
use vaultmark_store::project::Project;

/// Edits handed over at once.
const PARCEL: usize = 256;
/// Parcels under way; the bound on memory.
const UNDER_WAY: usize = 8;

/// What the thread is given. Where the sender ends without the last word, nothing happens.
pub(super) enum Parcel {
    Edits(Vec<Edit>),
    Finish,
}

/// The side that hands over.
pub(super) struct Edits {
    parcel: Vec<Edit>,
    parcels: SyncSender<Parcel>,
}

impl Edits {
    /// Both ends; the other one is for [`write`].
    pub(super) fn channel() -> (Self, Receiver<Parcel>) {
        let (parcels, received) = sync_channel(UNDER_WAY);
        (Self { parcel: Vec::with_capacity(PARCEL), parcels }, received)
    }

    /// Hands over an edit.
    ///
    /// # Errors
    /// Where the other side has failed; it says why.
    pub(super) fn push(&mut self, edit: Edit) -> Result<(), SinkError> {
        self.parcel.push(edit);
        if self.parcel.len() < PARCEL {
            return Ok(());
        }
        let full = std::mem::replace(&mut self.parcel, Vec::with_capacity(PARCEL));
        self.parcels.send(Parcel::Edits(full)).map_err(SinkError::failed)
    }

    /// Hands over the rest and asks for all of it to be made durable.
    pub(super) fn finish(self) {
        // One that has failed says so when it is joined.
        let _ = self.parcels.send(Parcel::Edits(self.parcel));
        let _ = self.parcels.send(Parcel::Finish);
    }
}

/// Writes what comes as one Change.
///
/// # Errors
/// The store's; nothing has then happened.
pub(super) fn write(
    project: &Project,
    gesture: &str,
    parcels: Receiver<Parcel>,
) -> Result<(), StoreError> {
    let mut batch = project.batch(gesture)?;
    for parcel in parcels {
        match parcel {
            Parcel::Edits(edits) => edits.into_iter().try_for_each(|edit| batch.push(edit))?,
            Parcel::Finish if batch.is_empty() => return Ok(()),
            Parcel::Finish => return batch.finish().map(|_| ()),
        }
    }
    Ok(())
}
