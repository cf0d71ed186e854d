//! Files of each format as their headers say, true or not.

use crate::support::made;

/// A PNG of these chunks between header and end. `colour` as the standard numbers it.
pub fn png(width: u32, height: u32, colour: u8, chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, colour, 0, 0, 0]].concat();
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    made::chunk(&mut file, b"IHDR", &header);
    chunks.iter().for_each(|(kind, body)| made::chunk(&mut file, kind, body));
    made::chunk(&mut file, b"IEND", &[]);
    file
}

/// A little-endian TIFF of one directory: `(tag, type, count, value)`, then what follows it.
pub fn tiff(entries: &[(u16, u16, u32, u32)], next: u32, after: &[u8]) -> Vec<u8> {
    let mut file = b"II*\0\x08\0\0\0".to_vec();
    file.extend(u16::try_from(entries.len()).unwrap().to_le_bytes());
    for (tag, kind, count, value) in entries {
        file.extend(tag.to_le_bytes());
        file.extend(kind.to_le_bytes());
        file.extend(count.to_le_bytes());
        file.extend(value.to_le_bytes());
    }
    file.extend(next.to_le_bytes());
    file.extend(after);
    file
}

/// The entries of a gray image of one strip, whose bytes follow the directory.
pub fn gray(width: u32, height: u32, compression: u32, bytes: u32) -> Vec<(u16, u16, u32, u32)> {
    let strip = 8 + 2 + 8 * 12 + 4;
    vec![
        (256, 4, 1, width),
        (257, 4, 1, height),
        (258, 3, 1, 8),
        (259, 3, 1, compression),
        (262, 3, 1, 1),
        (273, 4, 1, strip),
        (278, 4, 1, height),
        (279, 4, 1, bytes),
    ]
}

pub fn with(
    mut entries: Vec<(u16, u16, u32, u32)>,
    entry: (u16, u16, u32, u32),
) -> Vec<(u16, u16, u32, u32)> {
    entries.retain(|one| one.0 != entry.0);
    entries.push(entry);
    entries.sort_unstable();
    entries
}

/// A Windows bitmap: `compression` 1 is run lengths of 8 bits.
pub fn bmp(width: i32, height: i32, bits: u16, compression: u32, pixels: &[u8]) -> Vec<u8> {
    let palette = if bits <= 8 { 4 << bits } else { 0 };
    let mut file = b"BM\0\0\0\0\0\0\0\0".to_vec();
    file.extend((54 + palette as u32).to_le_bytes());
    file.extend(40_u32.to_le_bytes());
    file.extend(width.to_le_bytes());
    file.extend(height.to_le_bytes());
    file.extend(1_u16.to_le_bytes());
    file.extend(bits.to_le_bytes());
    file.extend(compression.to_le_bytes());
    file.extend([0; 20]);
    file.extend(vec![0; palette]);
    file.extend(pixels);
    file
}

/// A GIF of one frame; `codes` are its blocks of LZW codes.
pub fn gif(screen: (u16, u16), frame: (u16, u16), codes: &[u8]) -> Vec<u8> {
    let mut file = b"GIF89a".to_vec();
    file.extend(screen.0.to_le_bytes());
    file.extend(screen.1.to_le_bytes());
    file.extend(b"\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0");
    file.extend(frame.0.to_le_bytes());
    file.extend(frame.1.to_le_bytes());
    file.extend(b"\0\x02");
    file.extend(codes);
    file.extend(b"\0;");
    file
}

/// A WebP of one chunk.
pub fn webp(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap();
    let mut file = b"RIFF".to_vec();
    file.extend((length + 12).to_le_bytes());
    file.extend(b"WEBP");
    file.extend(kind);
    file.extend(length.to_le_bytes());
    file.extend(body);
    file
}

/// A baseline JPEG's headers for that size, one component, and the beginning of a scan.
pub fn jpeg(width: u16, height: u16) -> Vec<u8> {
    let mut file = b"\xff\xd8\xff\xc0\0\x0b\x08".to_vec();
    file.extend(height.to_be_bytes());
    file.extend(width.to_be_bytes());
    file.extend(b"\x01\x01\x11\0\xff\xda\0\x08\x01\x01\0\0\x3f\0");
    file.extend([0x55; 64]);
    file.extend(b"\xff\xd9");
    file
}

/// A progressive JPEG of that side whose every scan passes over all blocks in a few bytes.
pub fn progressive(side: u16, scans: usize) -> Vec<u8> {
    let blocks = usize::from(side.div_ceil(8)).pow(2);
    let mut file = b"\xff\xd8\xff\xdb\0\x43\0".to_vec();
    file.extend([1; 64]);
    file.extend(b"\xff\xc2\0\x0b\x08");
    file.extend(side.to_be_bytes());
    file.extend(side.to_be_bytes());
    file.extend(b"\x01\x01\x11\0");
    // Each table has one code, a zero bit: "no difference", and "the next 16,384 blocks are empty".
    for (table, symbol) in [(0, 0), (0x10, 0xe0)] {
        file.extend(b"\xff\xc4\0\x14");
        file.push(table);
        file.push(1);
        file.extend([0; 15]);
        file.push(symbol);
    }
    file.extend(b"\xff\xda\0\x08\x01\x01\0\0\0\0");
    file.extend(vec![0; blocks.div_ceil(8)]);
    for _ in 0..scans {
        file.extend(b"\xff\xda\0\x08\x01\x01\0\x01\x3f\0");
        file.extend(vec![0; (blocks.div_ceil(16_384) * 15).div_ceil(8)]);
    }
    file.extend(b"\xff\xd9");
    file
}
