//! Looking at pixels: thumbnails from the database, tiles from a pack or from a decoder that keeps
//! the item open.

use std::io::{PipeReader, Read};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::thread::ScopedJoinHandle;

use vaultmark_crypto::ReadAt as _;
use vaultmark_media::pyramid::{Codec, PackReader, PackSummary};
use vaultmark_media::{
    Encoded, LevelSize, Limits, MediaError, MediaSource, OpenImage, Probe, ReadAt, Rendering,
    levels_of, wants_pyramid,
};
use vaultmark_model::work::{Progress, Work};
use vaultmark_model::{ItemId, ProjectId};
use vaultmark_store::blob::BlobReader;
use vaultmark_store::project::Project;

use crate::policy::Operation;
use crate::{AppError, Session};

/// Bytes of packs in one project; older ones make room.
const PACK_QUOTA: u64 = 64 << 30;

/// A sealed blob as the decoder's source of bytes: each range is decrypted when it is asked for.
struct Sealed(BlobReader);

impl ReadAt for Sealed {
    fn size(&self) -> u64 {
        self.0.len()
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> std::io::Result<()> {
        self.0.read_exact_at(offset, buffer)
    }
}

/// How an item's pixels can be asked for.
#[derive(Debug, Clone)]
pub struct Pixels {
    /// What is known of the image.
    pub probe: Probe,
    /// Sizes of the levels, full resolution first.
    pub levels: Vec<LevelSize>,
    /// How it is shown at first.
    pub rendering: Rendering,
}

/// A thumbnail, JPEG; none where the item has no media.
///
/// # Errors
/// Where the policy refuses or the database fails.
pub fn thumbnail(
    session: &Session,
    project: ProjectId,
    item: ItemId,
) -> Result<Option<Vec<u8>>, AppError> {
    Ok(session.enter(Operation::ItemsRead, project)?.thumbnail(item)?)
}

/// Opens an item's pixels and keeps its decoder for the tiles to come.
///
/// # Errors
/// Where the policy refuses, the item has no media, or its file can't be decoded.
pub fn pixels(session: &Session, project: ProjectId, item: ItemId) -> Result<Pixels, AppError> {
    let image = open(session, project, item)?;
    let probe = image.probe().clone();
    let levels = levels_of(probe.width, probe.height);
    let rendering = Rendering::default_for(&probe);
    Ok(Pixels { probe, levels, rendering })
}

/// One tile, encoded for the screen.
///
/// # Errors
/// Where the policy refuses, there is no such tile, or its file can't be decoded.
pub fn tile(
    session: &Session,
    project: ProjectId,
    item: ItemId,
    [level, x, y]: [u32; 3],
    rendering: &Rendering,
) -> Result<Encoded, AppError> {
    let entered = session.enter(Operation::ItemOpen, project)?;
    let image = open(session, project, item)?;
    if let Some(pack) = entered.open_pack(item)? {
        let reader = PackReader::open(Sealed(pack))?;
        let stored = reader.tile(level, x, y)?;
        let as_stored = stored.shape.codec == Codec::Jpeg && rendering.is_identity(image.probe());
        if as_stored {
            return Ok(Encoded {
                encoding: vaultmark_media::Encoding::Jpeg,
                width: stored.shape.width,
                height: stored.shape.height,
                bytes: stored.bytes,
            });
        }
        let statistics = reader.statistics();
        return Ok(session.decoder_of(project).render_stored_tile(
            &stored,
            statistics,
            rendering,
            &Limits::default(),
        )?);
    }
    Ok(image.tile(level, x, y, rendering)?)
}

/// Makes the thumbnails that are missing, as after receiving a bundle. A file that can't be decoded
/// goes without.
///
/// # Errors
/// Where the policy refuses, the work is cancelled or the vault can't be written.
pub fn make_thumbnails(session: &Session, id: ProjectId, work: Work<'_>) -> Result<(), AppError> {
    let project = session.enter(Operation::ItemsRead, id)?;
    let mut wanted = Vec::new();
    project.each_item(&mut |item| {
        if project.has_media(item.id)? && project.thumbnail(item.id)?.is_none() {
            wanted.push(item.id);
        }
        Ok::<(), AppError>(())
    })?;
    let total = wanted.len() as u64;
    let decoder = session.decoder_of(id);
    for (done, item) in (0..).zip(wanted) {
        (work.report)(Progress { done, total, ..Progress::default() });
        if work.cancel.is_cancelled() {
            return Err(AppError::Cancelled);
        }
        let source = MediaSource::Ranges(Arc::new(Sealed(project.open_blob(item)?)));
        if let Ok(jpeg) = decoder.thumbnail(&source, &Limits::default()) {
            project.put_thumbnail(item, &jpeg)?;
        }
    }
    Ok(())
}

/// Whether a pack is missing that [`build_packs`] would build: not built yet, or evicted.
///
/// # Errors
/// Where the policy refuses or the vault can't be read.
pub fn packs_are_missing(session: &Session, id: ProjectId) -> Result<bool, AppError> {
    let project = session.enter(Operation::ItemsRead, id)?;
    for item in without_pack(&project)? {
        if to_build(session, &project, item)?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Builds the packs that are missing, in the background; what is there stays, and where there is
/// nothing to build nothing is recorded.
///
/// # Errors
/// Where the policy refuses, the work is cancelled or the vault can't be written. A file that can't
/// be decoded is passed over: its tiles still come from the decoder.
pub fn build_packs(session: &Session, id: ProjectId, work: Work<'_>) -> Result<u64, AppError> {
    let project = session.enter(Operation::ItemsRead, id)?;
    let wanted = without_pack(&project)?;
    let total = wanted.len() as u64;
    let mut built = 0;
    let mut entered = false;
    for (done, item) in (0..).zip(wanted) {
        (work.report)(Progress { done, total, ..Progress::default() });
        if work.cancel.is_cancelled() {
            return Err(AppError::Cancelled);
        }
        let Some(image) = to_build(session, &project, item)? else { continue };
        if !entered {
            session.enter(Operation::PacksBuild, id)?;
            entered = true;
        }
        match build_pack(&project, item, &image, work) {
            Ok(()) => built += 1,
            Err(AppError::Media(MediaError::Cancelled)) => return Err(AppError::Cancelled),
            // A file that can't be decoded is shown by its decoder or not at all; no pack helps it.
            Err(AppError::Media(_)) => {}
            Err(error) => return Err(error),
        }
    }
    if built > 0 {
        project.evict_packs(PACK_QUOTA)?;
    }
    Ok(built)
}

/// Large images that have their file and no pack.
fn without_pack(project: &Project) -> Result<Vec<ItemId>, AppError> {
    let mut found = Vec::new();
    project.each_item(&mut |item| {
        let facts = item.body.facts;
        if facts.stored_width.max(facts.stored_height) > 4096
            && project.has_media(item.id)?
            && project.open_pack(item.id)?.is_none()
        {
            found.push(item.id);
        }
        Ok::<(), AppError>(())
    })?;
    Ok(found)
}

/// The opened image, where a pack helps it: a file with overviews of its own needs none.
fn to_build(
    session: &Session,
    project: &Project,
    item: ItemId,
) -> Result<Option<OpenImage>, AppError> {
    let source = MediaSource::Ranges(Arc::new(Sealed(project.open_blob(item)?)));
    let image = session.decoder_of(project.id()).open(source, &Limits::default());
    Ok(image.ok().filter(|image| wants_pyramid(image.probe())))
}

/// Builds and seals one pack: the decoder writes into a pipe, the store reads from it, nothing
/// readable is kept.
fn build_pack(
    project: &Project,
    item: ItemId,
    image: &OpenImage,
    work: Work<'_>,
) -> Result<(), AppError> {
    let (reader, mut writer) = std::io::pipe().map_err(AppError::io("making", "a pipe"))?;
    std::thread::scope(|scope| {
        let decoder = scope.spawn(move || {
            let mut progress = |_: u64, _: u64| {
                if work.cancel.is_cancelled() {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            };
            image.build_pyramid(&mut writer, &mut progress)
        });
        let mut whole = UntilDone { reader, decoder: Some(decoder), failed: None };
        let kept = project.put_pack(item, &mut whole);
        match whole.failed {
            Some(error) => Err(error.into()),
            None => Ok(kept?),
        }
    })
}

/// The pipe's reading end; at its end it asks how the decoder fared, so that half a pack is never
/// taken for a whole one.
struct UntilDone<'scope> {
    reader: PipeReader,
    decoder: Option<ScopedJoinHandle<'scope, Result<PackSummary, MediaError>>>,
    failed: Option<MediaError>,
}

impl Read for UntilDone<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.reader.read(buffer)?;
        if count > 0 || buffer.is_empty() {
            return Ok(count);
        }
        match self.decoder.take().map(ScopedJoinHandle::join) {
            None | Some(Ok(Ok(_))) => Ok(0),
            Some(Ok(Err(error))) => {
                self.failed = Some(error);
                Err(std::io::Error::other("the decoder stopped"))
            }
            Some(Err(_)) => Err(std::io::Error::other("the decoder's thread failed")),
        }
    }
}

/// The item's decoder, kept by the session while the item is looked at.
fn open(session: &Session, project: ProjectId, item: ItemId) -> Result<Arc<OpenImage>, AppError> {
    session.open_image(project, item, || {
        let entered = session.enter(Operation::ItemOpen, project)?;
        session.record_opened(project, item)?;
        let blob = entered.open_blob(item)?;
        let source = MediaSource::Ranges(Arc::new(Sealed(blob)));
        Ok(session.decoder_of(project).open(source, &Limits::default())?)
    })
}
