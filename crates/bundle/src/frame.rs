//! The frame of a bag (RFC 8493): the names of its files, the declaration, and the manifests'
//! lines. All of it has one form only, so writer and reader share it.

use vaultmark_model::Digest;
use vaultmark_model::id::from_hex;

use crate::name;
use crate::refusal::Refusal;

/// The declaration's name.
pub const BAGIT: &str = "bagit.txt";
/// The metadata's name.
pub const BAG_INFO: &str = "bag-info.txt";
/// The payload manifest's name.
pub const MANIFEST: &str = "manifest-sha512.txt";
/// The tag manifest's name; it is what the signatures are over.
pub const TAGMANIFEST: &str = "tagmanifest-sha512.txt";
/// The creator's signature.
pub const CREATOR: &str = "signatures/creator.sig";
/// The approver's signature.
pub const APPROVER: &str = "signatures/approver.sig";
/// The payload's folder.
pub const PAYLOAD: &str = "data/";
/// The datasheet's path.
pub const README: &str = "data/README.txt";
/// The folder of the media.
pub const MEDIA: &str = "data/media/";

/// The declaration (RFC 8493 section 2.1.1), byte for byte.
pub const DECLARATION: &[u8] = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";

/// The tag files that the tag manifest lists, in its order.
pub const TAGS: [&str; 3] = [BAG_INFO, BAGIT, MANIFEST];

/// The most bytes of bag-info.txt.
pub const BAG_INFO_BYTES: u64 = 64 * 1024;
/// The most bytes of the tag manifest: three lines.
pub const TAGMANIFEST_BYTES: u64 = 1024;
/// The most bytes of a signature file: more than any signature of this profile needs.
pub const SIGNATURE_BYTES: u64 = 4096;
/// Bytes of a manifest line beside the path: 128 digits, two spaces, a line feed.
pub const LINE_BYTES: u64 = 131;

/// Appends a manifest line, as `sha512sum` prints it.
pub fn push_line(manifest: &mut Vec<u8>, digest: &Digest, path: &str) {
    manifest.extend_from_slice(digest.to_hex().as_bytes());
    manifest.extend_from_slice(b"  ");
    manifest.extend_from_slice(path.as_bytes());
    manifest.push(b'\n');
}

/// The bytes of [`push_line`]'s line.
pub fn line_bytes(path: &str) -> usize {
    2 * Digest::ZERO.as_bytes().len() + 3 + path.len()
}

/// Reads a manifest line without its line feed: 128 lower-case digits, two spaces, a path.
///
/// # Errors
/// [`Refusal::ManifestLine`], or the rule that the path breaks.
pub fn parse_line<'a>(
    manifest: &str,
    number: u64,
    line: &'a [u8],
) -> Result<(Digest, &'a str), Refusal> {
    let refuse = |why| Refusal::ManifestLine { entry: name::shown(manifest), line: number, why };
    if line.ends_with(b"\r") {
        return Err(refuse("it ends in a carriage return"));
    }
    let (digits, rest) =
        line.split_at_checked(128).ok_or_else(|| refuse("it is too short for a SHA-512 digest"))?;
    let digits = std::str::from_utf8(digits)
        .ok()
        .filter(|text| text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')))
        .ok_or_else(|| refuse("it does not begin with 128 lower-case hexadecimal digits"))?;
    let digest = from_hex::<64>(digits)
        .map(Digest::from_bytes)
        .ok_or_else(|| refuse("it does not begin with 128 lower-case hexadecimal digits"))?;
    let path = rest
        .strip_prefix(b"  ")
        .ok_or_else(|| refuse("two spaces must stand between digest and path"))?;
    Ok((digest, name::check_bytes(path)?))
}

/// The name of part `number` of `count` (from 1) of a file that no volume could hold.
#[must_use]
pub fn part_name(path: &str, number: u32, count: u32) -> String {
    format!("{path}.part-{number:04}-of-{count:04}")
}

/// The file of which a name is a part, with the part's number and the count.
#[must_use]
pub fn parse_part(path: &str) -> Option<(&str, u32, u32)> {
    let (whole, tail) = path.rsplit_once(".part-")?;
    let (number, count) = tail.split_once("-of-")?;
    let four = |text: &str| {
        (text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit()))
            .then(|| text.parse::<u32>().ok())
            .flatten()
    };
    let (number, count) = (four(number)?, four(count)?);
    (number >= 1 && number <= count && count >= 2).then_some((whole, number, count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_have_one_form() {
        let digest = Digest::from_bytes([0xab; 64]);
        let mut line = Vec::new();
        push_line(&mut line, &digest, "data/x");
        assert_eq!(line.len() as u64, LINE_BYTES + 6);
        line.pop();
        assert_eq!(parse_line(MANIFEST, 1, &line), Ok((digest, "data/x")));
        let text = String::from_utf8(line).unwrap();
        for wrong in [
            text.replace("  ", " "),
            text.replace("  ", " *"),
            text.replace("  ", "   "),
            text.to_uppercase(),
            format!("{text}\r"),
            text[1..].to_owned(),
            text.replace("data/x", "../x"),
            String::new(),
        ] {
            assert!(parse_line(MANIFEST, 1, wrong.as_bytes()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn parts_name_their_whole() {
        assert_eq!(part_name("data/a.tif", 2, 13), "data/a.tif.part-0002-of-0013");
        assert_eq!(parse_part("data/a.tif.part-0002-of-0013"), Some(("data/a.tif", 2, 13)));
        for no in ["data/a.tif", "a.part-2-of-3", "a.part-0000-of-0002", "a.part-0003-of-0002"] {
            assert_eq!(parse_part(no), None, "{no}");
        }
    }
}
