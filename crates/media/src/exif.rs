//! The one EXIF tag that matters for pixels: orientation (EXIF 2.32, tag 0x0112).

use crate::orient::Orientation;

const ORIENTATION: u16 = 0x0112;

/// Reads the orientation from an EXIF block (a TIFF header and its first directory, with or
/// without the `Exif\0\0` prefix). Whatever is missing, broken or out of range means upright.
pub(crate) fn orientation(block: &[u8]) -> Orientation {
    let block = block.strip_prefix(b"Exif\0\0").unwrap_or(block);
    find(block).unwrap_or(Orientation::UPRIGHT)
}

fn find(block: &[u8]) -> Option<Orientation> {
    let big = match block.get(..4)? {
        [b'I', b'I', 42, 0] => false,
        [b'M', b'M', 0, 42] => true,
        _ => return None,
    };
    let u16_at = |at: usize| {
        let bytes: [u8; 2] = block.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if big { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
    };
    let u32_at = |at: usize| {
        let bytes: [u8; 4] = block.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(if big { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
    };
    let directory = u32_at(4)? as usize;
    let count = usize::from(u16_at(directory)?);
    for entry in 0..count {
        let at = directory.checked_add(2 + entry * 12)?;
        if u16_at(at)? == ORIENTATION {
            // A SHORT (type 3) lies in the first two bytes of the value; some writers use LONG.
            let value = match u16_at(at + 2)? {
                3 => u32::from(u16_at(at + 8)?),
                4 => u32_at(at + 8)?,
                _ => return None,
            };
            return Some(Orientation::from_exif(value));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(big: bool, value: u16) -> Vec<u8> {
        let two = |v: u16| if big { v.to_be_bytes() } else { v.to_le_bytes() };
        let four = |v: u32| if big { v.to_be_bytes() } else { v.to_le_bytes() };
        let mut out = if big { b"MM".to_vec() } else { b"II".to_vec() };
        out.extend(two(42));
        out.extend(four(8));
        out.extend(two(1));
        out.extend(two(ORIENTATION));
        out.extend(two(3));
        out.extend(four(1));
        out.extend(two(value));
        out.extend([0, 0]);
        out
    }

    #[test]
    fn both_byte_orders_and_nonsense() {
        for value in 0..=9u16 {
            for big in [false, true] {
                let expected = if (1..=8).contains(&value) { value as u8 } else { 1 };
                assert_eq!(orientation(&block(big, value)).exif(), expected);
                let mut prefixed = b"Exif\0\0".to_vec();
                prefixed.extend(block(big, value));
                assert_eq!(orientation(&prefixed).exif(), expected);
            }
        }
        let whole = block(true, 6);
        for cut in 0..whole.len() - 2 {
            assert_eq!(orientation(&whole[..cut]).exif(), 1, "cut at {cut}");
        }
    }
}
