//! What a format's reader makes goes to a thread of its own: reading a file and writing the database
//! each have a core, and a large import takes as long as the slower of the two.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use vaultmark_formats::SinkError;
use vaultmark_model::change::{Edit, Value};
use vaultmark_model::shape::XY;
use vaultmark_store::StoreError;
use vaultmark_store::project::Project;

/// Edits handed over at once.
const PARCEL: usize = 256;
/// Bytes of them, about, from which on fewer are: one polygon may have 16 MB.
const PARCEL_BYTES: usize = 1 << 20;
/// Parcels under way; the bound on memory.
const UNDER_WAY: usize = 3;

/// What the thread is given. Where the sender ends without the last word, nothing happens.
pub(super) enum Parcel {
    Edits(Vec<Edit>),
    Finish,
}

/// The side that hands over.
pub(super) struct Edits {
    parcel: Vec<Edit>,
    /// Bytes of the parcel, about.
    bytes: usize,
    parcels: SyncSender<Parcel>,
}

impl Edits {
    /// Both ends; the other one is for [`write`].
    pub(super) fn channel() -> (Self, Receiver<Parcel>) {
        let (parcels, received) = sync_channel(UNDER_WAY);
        (Self { parcel: Vec::with_capacity(PARCEL), bytes: 0, parcels }, received)
    }

    /// Hands over an edit.
    ///
    /// # Errors
    /// Where the other side has failed; it says why.
    pub(super) fn push(&mut self, edit: Edit) -> Result<(), SinkError> {
        self.bytes += bytes_of(&edit.value);
        self.parcel.push(edit);
        if self.parcel.len() < PARCEL && self.bytes < PARCEL_BYTES {
            return Ok(());
        }
        self.bytes = 0;
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

/// Bytes that a value takes beside its fixed size, about.
fn bytes_of(value: &Value) -> usize {
    match value {
        Value::Annotation(body) => body.shape.vertices() * size_of::<XY>(),
        Value::Shape(shape) => shape.vertices() * size_of::<XY>(),
        Value::Text(text) => text.len(),
        _ => 0,
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

#[cfg(test)]
mod tests {
    use super::*;
    use vaultmark_model::change::{Part, Subject};
    use vaultmark_model::shape::Polyline;
    use vaultmark_model::{AnnotationId, Shape};

    #[test]
    fn a_large_edit_is_handed_over_alone() {
        let edit = |vertices: usize| Edit {
            subject: Subject::Annotation(AnnotationId::from_bytes([1; 16])),
            part: Part::Geometry,
            value: Value::Shape(Shape::Polyline(Polyline { points: vec![[0.0; 2]; vertices] })),
        };
        let (mut edits, parcels) = Edits::channel();
        let received = || match parcels.try_recv() {
            Ok(Parcel::Edits(edits)) => edits.len(),
            Ok(Parcel::Finish) | Err(_) => 0,
        };
        edits.push(edit(2)).unwrap();
        assert_eq!(received(), 0);
        edits.push(edit(100_000)).unwrap();
        assert_eq!(received(), 2);
        for _ in 0..255 {
            edits.push(edit(2)).unwrap();
        }
        assert_eq!(received(), 0);
        edits.push(edit(2)).unwrap();
        assert_eq!(received(), 256);
    }
}
