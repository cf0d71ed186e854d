//! The stream against another implementation's vectors, at every chunk boundary, and against
//! alteration of every kind.

use std::io::{BufRead, Read, Seek, SeekFrom, Write};

use proptest::prelude::*;

use super::layout::SEALED_CHUNK;
use super::*;
use crate::testing::{FixedEntropy, NoEntropy, pattern, vectors};
use crate::{Entropy, sha512};

const CONTEXT: &[u8] = b"project \0 blob \0 1";

fn key() -> Key {
    Key::from_slice(&[7; 32]).unwrap()
}

fn seal(plaintext: &[u8]) -> Vec<u8> {
    let mut writer = SealWriter::new(Vec::new(), &key(), CONTEXT, &FixedEntropy::new(3)).unwrap();
    writer.write_all(plaintext).unwrap();
    writer.finish().unwrap()
}

fn open(sealed: &[u8]) -> Result<OpenReader<&[u8]>, CryptoError> {
    OpenReader::new(sealed, &key(), CONTEXT, sealed.len() as u64)
}

/// Everything the stream holds, or the error that reading it to the end gives.
fn open_whole(sealed: &[u8]) -> Result<Vec<u8>, CryptoError> {
    let mut plaintext = Vec::new();
    let mut reader = open(sealed)?.into_reader();
    reader.read_to_end(&mut plaintext).map_err(|e| CryptoError::from_io("test", e))?;
    Ok(plaintext)
}

/// Gives the vector's salt as randomness.
struct Salt(Vec<u8>);

impl Entropy for Salt {
    fn fill(&self, out: &mut [u8]) -> Result<(), CryptoError> {
        out.copy_from_slice(&self.0[..out.len()]);
        Ok(())
    }
}

#[test]
fn vectors_from_another_implementation() {
    for v in vectors("cobblestone256.json") {
        let key = Key::from_slice(&v.bytes("key")).unwrap();
        let plaintext = pattern(v.number("plain_len") as usize);
        assert_eq!(sha512(&plaintext).as_bytes()[..], v.bytes("plain_sha512"));
        let salt = Salt(v.bytes("header")[..24].to_vec());
        let mut writer = SealWriter::new(Vec::new(), &key, &v.bytes("context"), &salt).unwrap();
        writer.write_all(&plaintext).unwrap();
        let sealed = writer.finish().unwrap();
        assert_eq!(sealed.len(), v.number("sealed_len") as usize);
        assert_eq!(sealed[..HEADER], v.bytes("header"), "{}", v.text("comment"));
        assert_eq!(sha512(&sealed).as_bytes()[..], v.bytes("sealed_sha512"));
        if v.has("sealed") {
            assert_eq!(sealed, v.bytes("sealed"));
        }
    }
}

#[test]
fn sizes_around_every_boundary() {
    for chunks in [0, 1, 2, 7, 8, 9, 16, 17] {
        for extra in [-17_i64, -16, -1, 0, 1, 15, 16, 17] {
            let Ok(size) = usize::try_from(chunks * CHUNK as i64 + extra) else { continue };
            let plaintext = pattern(size);
            let sealed = seal(&plaintext);
            assert_eq!(sealed.len() as u64, sealed_len(size as u64));
            let opened = open(&sealed).unwrap();
            assert_eq!(opened.len(), size as u64);
            opened.authenticate_end().unwrap();
            assert_eq!(open_whole(&sealed).unwrap(), plaintext, "{size}");
            let mut whole = vec![0; size + 5];
            assert_eq!(opened.read_at(0, &mut whole).unwrap(), size);
            assert_eq!(whole[..size], plaintext);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn writing_in_any_pieces_gives_the_same_bytes(
        size in 0_usize..200_000,
        pieces in prop::collection::vec((1_usize..40_000, any::<bool>()), 1..30),
    ) {
        let plaintext = pattern(size);
        let entropy = FixedEntropy::new(3);
        let mut writer = SealWriter::new(Vec::new(), &key(), CONTEXT, &entropy).unwrap();
        let mut rest = &plaintext[..];
        for (length, flush) in pieces.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (piece, after) = rest.split_at((*length).min(rest.len()));
            writer.write_all(piece).unwrap();
            if *flush {
                writer.flush().unwrap();
            }
            rest = after;
        }
        prop_assert!(writer.finish().unwrap() == seal(&plaintext));
    }

    #[test]
    fn any_range_equals_the_slice(
        size in 0_usize..100_000,
        ranges in prop::collection::vec((0_u64..110_000, 0_usize..60_000), 1..20),
    ) {
        let plaintext = pattern(size);
        let sealed = seal(&plaintext);
        let opened = open(&sealed).unwrap();
        for (offset, length) in ranges {
            let mut buf = vec![0xEE; length];
            let read = opened.read_at(offset, &mut buf).unwrap();
            let start = size.min(offset as usize);
            let end = size.min(start + length);
            prop_assert_eq!(read, end - start);
            prop_assert!(buf[..read] == plaintext[start..end]);
        }
    }

    #[test]
    fn seeking_and_reading_equal_a_cursor(
        size in 0_usize..100_000,
        steps in prop::collection::vec((0_u8..3, -40_000_i64..140_000, 0_usize..50_000), 1..25),
    ) {
        let plaintext = pattern(size);
        let sealed = seal(&plaintext);
        let opened = open(&sealed).unwrap();
        let mut reader = opened.reader();
        let mut cursor = std::io::Cursor::new(&plaintext);
        for (kind, by, length) in steps {
            let to = match kind {
                0 => SeekFrom::Start(by.unsigned_abs()),
                1 => SeekFrom::Current(by),
                _ => SeekFrom::End(by),
            };
            prop_assert_eq!(reader.seek(to).ok(), cursor.seek(to).ok());
            let (mut ours, mut theirs) = (vec![0; length], vec![0; length]);
            let got = read_full(&mut reader, &mut ours);
            prop_assert_eq!(got, read_full(&mut cursor, &mut theirs));
            prop_assert!(ours == theirs);
        }
    }

    #[test]
    fn a_flipped_bit_anywhere_is_an_error(size in 0_usize..50_000, at: prop::sample::Index, bit in 0_u8..8) {
        let mut sealed = seal(&pattern(size));
        let at = at.index(sealed.len());
        sealed[at] ^= 1 << bit;
        prop_assert!(open_whole(&sealed).is_err());
    }

    #[test]
    fn a_cut_or_an_addition_anywhere_is_an_error(size in 0_usize..50_000, at: prop::sample::Index, more in 1_usize..20_000) {
        let sealed = seal(&pattern(size));
        prop_assert!(open_whole(&sealed[..at.index(sealed.len())]).is_err());
        let longer = [&sealed[..], &pattern(more)].concat();
        prop_assert!(open_whole(&longer).is_err());
    }
}

fn read_full(reader: &mut impl Read, buf: &mut [u8]) -> usize {
    let mut done = 0;
    while done < buf.len() {
        match reader.read(&mut buf[done..]).unwrap() {
            0 => break,
            read => done += read,
        }
    }
    done
}

#[test]
fn every_bit_of_a_small_stream_counts() {
    let sealed = seal(b"small");
    for bit in 0..sealed.len() * 8 {
        let mut altered = sealed.clone();
        altered[bit / 8] ^= 1 << (bit % 8);
        let error = open_whole(&altered).unwrap_err();
        let header = bit / 8 < HEADER;
        assert_eq!(matches!(error, CryptoError::WrongKey { .. }), header, "bit {bit}: {error}");
        assert_eq!(matches!(error, CryptoError::Damaged { .. }), !header, "bit {bit}: {error}");
    }
}

#[test]
fn the_damaged_chunk_is_named_and_the_others_stay_readable() {
    let plaintext = pattern(5 * CHUNK);
    let mut sealed = seal(&plaintext);
    sealed[HEADER + 2 * SEALED_CHUNK + 100] ^= 1;
    let opened = open(&sealed).unwrap();
    opened.authenticate_end().unwrap();
    let mut buf = vec![0; CHUNK];
    assert_eq!(opened.read_at(CHUNK as u64, &mut buf).unwrap(), CHUNK);
    assert_eq!(buf, plaintext[CHUNK..2 * CHUNK]);
    for length in [1, CHUNK, 2 * CHUNK] {
        let mut buf = vec![0; length];
        let error = opened.read_at(2 * CHUNK as u64, &mut buf).unwrap_err();
        let expected = (HEADER + 2 * SEALED_CHUNK) as u64;
        assert!(matches!(error, CryptoError::Damaged { position: Some(p), .. } if p == expected));
        assert!(buf.iter().all(|byte| *byte == 0), "unauthenticated bytes were left");
    }
}

#[test]
fn key_and_context_are_bound() {
    let sealed = seal(b"text");
    let length = sealed.len() as u64;
    let other = Key::from_slice(&[8; 32]).unwrap();
    for wrong in [
        OpenReader::new(&sealed, &other, CONTEXT, length),
        OpenReader::new(&sealed, &key(), b"another blob", length),
        OpenReader::new(&sealed, &key(), b"", length),
    ] {
        assert!(matches!(wrong, Err(CryptoError::WrongKey { .. })));
    }
}

#[test]
fn chunks_can_not_be_moved_or_left_out() {
    let sealed = seal(&pattern(4 * CHUNK + 10));
    let chunk = |n: usize| &sealed[HEADER + n * SEALED_CHUNK..][..SEALED_CHUNK];
    let tail = &sealed[HEADER + 4 * SEALED_CHUNK..];
    let head = &sealed[..HEADER];
    let moved = [head, chunk(1), chunk(0), chunk(2), chunk(3), tail].concat();
    let fewer = [head, chunk(0), chunk(1), chunk(2), tail].concat();
    let twice = [head, chunk(0), chunk(1), chunk(2), chunk(3), chunk(3), tail].concat();
    for altered in [moved, fewer, twice] {
        assert!(matches!(open_whole(&altered), Err(CryptoError::Damaged { .. })));
    }
}

#[test]
fn a_cut_shows_at_the_end_only_and_then_surely() {
    let plaintext = pattern(3 * CHUNK);
    let sealed = seal(&plaintext);
    // On a chunk boundary the length alone gives it away.
    for chunks in 0..=3 {
        let cut = &sealed[..HEADER + chunks * SEALED_CHUNK];
        assert!(matches!(open(cut), Err(CryptoError::Truncated { .. })));
    }
    // Inside a chunk the length looks good and the earlier chunks open.
    let cut = &sealed[..HEADER + SEALED_CHUNK + 500];
    let opened = open(cut).unwrap();
    let mut buf = vec![0; CHUNK];
    opened.read_at(0, &mut buf).unwrap();
    assert_eq!(buf, plaintext[..CHUNK]);
    assert!(matches!(opened.authenticate_end(), Err(CryptoError::Damaged { .. })));
    assert!(opened.reader().seek(SeekFrom::End(0)).is_err());
    // A source shorter than said.
    let opened = OpenReader::new(cut, &key(), CONTEXT, sealed.len() as u64).unwrap();
    assert!(matches!(opened.authenticate_end(), Err(CryptoError::Truncated { .. })));
}

#[test]
fn an_empty_last_chunk_is_authenticated_too() {
    let mut sealed = seal(&pattern(CHUNK));
    let last = sealed.len() - 1;
    sealed[last] ^= 1;
    let opened = open(&sealed).unwrap();
    let mut reader = opened.reader();
    reader.read_exact(&mut vec![0; CHUNK]).unwrap();
    assert!(reader.fill_buf().is_err());
    assert!(opened.authenticate_end().is_err());
}

#[test]
fn a_stream_without_its_end_is_never_complete() {
    let mut out = Vec::new();
    let mut writer = SealWriter::new(&mut out, &key(), CONTEXT, &FixedEntropy::new(3)).unwrap();
    writer.write_all(&pattern(20 * CHUNK + 7)).unwrap();
    writer.flush().unwrap();
    drop(writer);
    assert!(open_whole(&out).is_err());
}

#[test]
fn failures_of_the_world_are_errors() {
    struct Full(usize);
    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            let count = bytes.len().min(self.0);
            self.0 -= count;
            if count == 0 { Err(std::io::ErrorKind::StorageFull.into()) } else { Ok(count) }
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let entropy = FixedEntropy::new(3);
    assert!(matches!(
        SealWriter::new(Full(1), &key(), CONTEXT, &entropy),
        Err(CryptoError::Io { .. })
    ));
    assert!(matches!(
        SealWriter::new(Vec::new(), &key(), CONTEXT, &NoEntropy),
        Err(CryptoError::Randomness)
    ));
    let mut writer = SealWriter::new(Full(200_000), &key(), CONTEXT, &entropy).unwrap();
    assert!(writer.write_all(&pattern(400_000)).is_err());
    assert!(writer.write_all(b"more").is_err(), "it goes on after a gap");
    assert!(writer.finish().is_err());
}

#[test]
fn files_and_pointers_are_sources() {
    let plaintext = pattern(10 * CHUNK + 99);
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(&seal(&plaintext)).unwrap();
    let length = file.metadata().unwrap().len();
    let shared = std::sync::Arc::new(file);
    let boxed: Box<dyn ReadAt> = Box::new(shared.clone());
    let opened = OpenReader::new(boxed, &key(), CONTEXT, length).unwrap();
    let mut whole = vec![0; plaintext.len()];
    opened.read_at(0, &mut whole).unwrap();
    assert_eq!(whole, plaintext);
    let opened = OpenReader::new(shared, &key(), CONTEXT, length).unwrap();
    std::thread::scope(|threads| {
        for start in 0..4_u64 {
            let (opened, plaintext) = (&opened, &plaintext);
            threads.spawn(move || {
                let mut buf = vec![0; 2 * CHUNK];
                opened.read_at(start * 30_000, &mut buf).unwrap();
                let from = start as usize * 30_000;
                assert_eq!(buf, plaintext[from..from + buf.len()]);
            });
        }
    });
}
