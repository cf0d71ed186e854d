//! An image open in a worker of its own.

use std::io::Write;
use std::sync::{Mutex, PoisonError};

use crate::encode::Encoded;
use crate::error::MediaError;
use crate::levels::{LevelSize, levels_of};
use crate::limits::Limits;
use crate::probe::Probe;
use crate::pyramid::PackSummary;
use crate::render::Rendering;
use crate::statistics::Statistics;
use crate::worker::pool::{
    MediaSource, Progress, sound_probe, sound_statistics, sound_tile, unexpected,
};
use crate::worker::process::{Answer, Failure, PieceSink, Process, Spec, origin};
use crate::worker::protocol::{Operation, Reply};

/// An open image. Tiles may be asked for from several threads; they are made one after another.
///
/// Where the worker dies, the request fails with the reason, and the next one opens the image
/// again in a new worker.
pub struct OpenImage {
    spec: Spec,
    source: MediaSource,
    limits: Limits,
    probe: Probe,
    statistics: Statistics,
    levels: Vec<LevelSize>,
    process: Mutex<Option<Process>>,
}

impl OpenImage {
    pub(super) fn open(
        spec: Spec,
        source: MediaSource,
        limits: Limits,
    ) -> Result<Self, MediaError> {
        limits.check_file(source.size())?;
        let process = Process::start(&spec)?;
        Self::open_in(process, spec, source, limits)
    }

    /// Opens an image in a worker that runs already.
    pub(super) fn open_in(
        process: Process,
        spec: Spec,
        source: MediaSource,
        limits: Limits,
    ) -> Result<Self, MediaError> {
        let (process, probe, statistics) = start(process, &source, &limits)?;
        let levels = levels_of(probe.width, probe.height);
        Ok(Self {
            spec,
            source,
            limits,
            probe,
            statistics,
            levels,
            process: Mutex::new(Some(process)),
        })
    }

    /// What the headers say.
    pub fn probe(&self) -> &Probe {
        &self.probe
    }

    /// Statistics of the values, for stretches and histograms.
    pub fn statistics(&self) -> &Statistics {
        &self.statistics
    }

    /// The sizes of all levels, full resolution first.
    pub fn levels(&self) -> &[LevelSize] {
        &self.levels
    }

    /// One tile: JPEG where the source is lossy, PNG where it is exact.
    pub fn tile(
        &self,
        level: u32,
        x: u32,
        y: u32,
        rendering: &Rendering,
    ) -> Result<Encoded, MediaError> {
        let rect = self.levels.get(level as usize).and_then(|size| size.tile_rect(x, y));
        let [_, _, width, height] = rect.ok_or(MediaError::NoSuchTile { level, x, y })?;
        let operation = Operation::Tile { level, x, y, rendering: *rendering };
        let answer = self.request(operation, &mut |_, _, _| Err(unexpected()))?;
        sound_tile(answer, (width, height))
    }

    /// Builds the image's tile pack into `out`. `progress` is told tiles done and in all, and may
    /// break off: the worker is then ended, and what was written is no pack.
    ///
    /// The image is busy meanwhile; open it a second time to view it.
    pub fn build_pyramid(
        &self,
        out: &mut dyn Write,
        progress: &mut Progress<'_>,
    ) -> Result<PackSummary, MediaError> {
        let mut written = 0;
        let answer = self.request(Operation::Pyramid, &mut |bytes, done, total| {
            out.write_all(bytes)
                .map_err(|error| MediaError::PackWrite { detail: error.to_string() })?;
            written += bytes.len() as u64;
            // A piece in the middle of a row of tiles reports no progress.
            if total > 0 && progress(done, total).is_break() {
                return Err(MediaError::Cancelled);
            }
            Ok(())
        })?;
        out.flush().map_err(|error| MediaError::PackWrite { detail: error.to_string() })?;
        match answer.reply {
            Reply::PyramidDone { bytes, tiles } if bytes == written => {
                Ok(PackSummary { bytes, tiles })
            }
            _ => Err(unexpected()),
        }
    }

    fn request(
        &self,
        operation: Operation,
        pieces: &mut PieceSink<'_>,
    ) -> Result<Answer, MediaError> {
        let mut held = self.process.lock().unwrap_or_else(PoisonError::into_inner);
        let mut process = match held.take() {
            Some(process) => process,
            None => {
                let fresh = Process::start(&self.spec)?;
                let (process, probe, _) = start(fresh, &self.source, &self.limits)?;
                if probe != self.probe {
                    return Err(unexpected());
                }
                process
            }
        };
        let result = process.request(&self.limits, operation, None, Some(&self.source), pieces);
        if !matches!(
            result,
            Err(Failure::Broken(_) | Failure::Refused(MediaError::DecoderBrokeOff { .. }))
        ) {
            *held = Some(process);
        }
        result.map_err(Failure::into_error)
    }
}

/// Opens the image in a fresh worker.
fn start(
    mut process: Process,
    source: &MediaSource,
    limits: &Limits,
) -> Result<(Process, Probe, Statistics), MediaError> {
    let (origin, attachment) = origin(source)?;
    let answer = process
        .request(limits, Operation::Open(origin), attachment, Some(source), &mut |_, _, _| {
            Err(unexpected())
        })
        .map_err(Failure::into_error)?;
    match answer.reply {
        Reply::Opened { probe, statistics } => {
            let probe = sound_probe(probe, limits)?;
            let statistics = sound_statistics(statistics, &probe)?;
            Ok((process, probe, statistics))
        }
        _ => Err(unexpected()),
    }
}
