//! Made input: reproducible noise, and projects filled with it.

use std::io::{self, Read};

use vaultmark::Session;
use vaultmark::crypto::Sha512Hasher;
use vaultmark::journeys::projects;
use vaultmark::model::item::{ImageFacts, ItemPath, MediaFormat, SampleFormat};
use vaultmark::model::{ItemId, Marking, ProjectId};
use vaultmark::store::project::{MediaBatch, NewMedia, Project};

use crate::desk::{Desk, Outcome};

/// splitmix64 (Steele, Lea and Flood 2014): the same numbers in every run.
#[derive(Clone)]
pub struct Dice(pub u64);

impl Dice {
    /// The next number.
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Sixteen bytes that no other row has.
    pub fn id(&mut self) -> [u8; 16] {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.roll().to_le_bytes());
        bytes[8..].copy_from_slice(&self.roll().to_le_bytes());
        bytes
    }
}

/// So many bytes of noise.
pub fn noise(seed: u64, bytes: u64) -> impl Read {
    struct Noise(Dice);
    impl Read for Noise {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            for chunk in buffer.chunks_mut(8) {
                chunk.copy_from_slice(&self.0.roll().to_le_bytes()[..chunk.len()]);
            }
            Ok(buffer.len())
        }
    }
    Noise(Dice(seed)).take(bytes)
}

/// What is said of pixels that nobody decodes.
pub const FACTS: ImageFacts = ImageFacts {
    format: MediaFormat::Png,
    stored_width: 640,
    stored_height: 480,
    orientation: 1,
    bands: 3,
    sample: SampleFormat::U8,
};

/// Seals noise as one item's file.
pub fn add_noise(batch: &MediaBatch<'_>, name: &str, seed: u64, bytes: u64) -> Outcome<ItemId> {
    let (mut sha512, mut crc32) = (Sha512Hasher::new(), crc32fast::Hasher::new());
    let mut piece = vec![0; 1 << 20];
    let mut source = noise(seed, bytes);
    loop {
        match source.read(&mut piece)? {
            0 => break,
            read => {
                sha512.update(&piece[..read]);
                crc32.update(&piece[..read]);
            }
        }
    }
    Ok(batch.add(NewMedia {
        path: ItemPath::new(name.into())?,
        content: sha512.finish(),
        crc32: crc32.finalize(),
        size: bytes,
        facts: FACTS,
        plaintext: &mut noise(seed, bytes),
        thumbnail: None,
    })?)
}

/// A project of its own in a session's vault.
pub fn project(session: &Session, name: &str) -> Outcome<std::sync::Arc<Project>> {
    Ok(projects::create(session, name, Marking::new("UNCLASSIFIED")?)?)
}

/// Files of a gigabyte, all in all.
pub const FILES: u64 = 100;
/// Bytes of each.
pub const FILE_BYTES: u64 = 10_000_000;

/// A gigabyte of media in a vault, and a bundle of them once it has been made.
pub struct Media {
    /// The vault that holds them.
    pub session: Session,
    /// The project.
    pub project: ProjectId,
}

impl Desk {
    /// The gigabyte.
    pub fn media(&self) -> Outcome<&Media> {
        if let Some(media) = self.media.get() {
            return Ok(media);
        }
        let session = self.vault("media.vault")?;
        let project = project(&session, "media")?;
        let batch = project.media_batch()?;
        crate::desk::in_parallel(usize::try_from(FILES)?, |n| {
            add_noise(&batch, &format!("set/{n:03}.png"), n as u64, FILE_BYTES).map(|_| ())
        })?;
        batch.commit()?;
        let project = project.id();
        Ok(self.media.get_or_init(|| Media { session, project }))
    }
}
