//! Reading media addresses. What is not exactly of the form is no address.

use vaultmark::model::{ItemId, ProjectId};

/// The most bytes of an address's query.
const QUERY: usize = 2048;

/// What an address asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// The session's nonce, as claimed.
    pub nonce: String,
    /// In which project.
    pub project: ProjectId,
    /// Of which item.
    pub item: ItemId,
    /// Which picture.
    pub what: What,
}

/// Which picture of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Its thumbnail.
    Thumbnail,
    /// A tile.
    Tile {
        /// Level, column, row.
        at: [u32; 3],
        /// The JSON of the display settings.
        rendering: Option<String>,
    },
}

impl Address {
    /// Reads path and query.
    #[must_use]
    pub fn parse(path: &str, query: Option<&str>) -> Option<Self> {
        let mut parts = path.strip_prefix('/')?.split('/');
        let nonce = parts.next().filter(|part| !part.is_empty())?.to_owned();
        let kind = parts.next()?;
        let project = parts.next()?.parse().ok()?;
        let item = parts.next()?.parse().ok()?;
        let what = match kind {
            "thumb" => What::Thumbnail,
            "tile" => {
                let mut number = || parts.next().and_then(number);
                What::Tile { at: [number()?, number()?, number()?], rendering: rendering(query)? }
            }
            _ => return None,
        };
        if parts.next().is_some() {
            return None;
        }
        Some(Self { nonce, project, item, what })
    }
}

/// Plain decimal digits: `+1` and `01` are other spellings, and refused.
fn number(text: &str) -> Option<u32> {
    let plain = text == "0" || (!text.starts_with('0') && text.bytes().all(|b| b.is_ascii_digit()));
    plain.then(|| text.parse().ok())?
}

/// The value of `r`; `Some(None)` where there is no query.
#[allow(clippy::option_option)] // absent and malformed are two things
fn rendering(query: Option<&str>) -> Option<Option<String>> {
    let Some(query) = query.filter(|query| !query.is_empty()) else { return Some(None) };
    let value =
        query.strip_prefix("r=").filter(|value| value.len() <= QUERY && !value.contains('&'))?;
    unescaped(value).map(Some)
}

/// Undoes percent-encoding (RFC 3986 section 2.1).
fn unescaped(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let (pair, after) = rest.split_at_checked(2)?;
        let [byte] = vaultmark::model::id::from_hex::<1>(std::str::from_utf8(pair).ok()?)?;
        bytes.push(byte);
        rest = after;
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_exactly_or_not_at_all() {
        let (p, i) = ("ab".repeat(16), "cd".repeat(16));
        let thumb = Address::parse(&format!("/n/thumb/{p}/{i}"), None).unwrap();
        assert_eq!((thumb.nonce.as_str(), thumb.what), ("n", What::Thumbnail));
        let tile = Address::parse(&format!("/n/tile/{p}/{i}/2/0/14"), Some("r=%7B%22a%22%3A1%7D"))
            .unwrap();
        assert_eq!(tile.what, What::Tile { at: [2, 0, 14], rendering: Some("{\"a\":1}".into()) });
        for wrong in [
            String::new(),
            "/".into(),
            format!("n/thumb/{p}/{i}"),
            format!("//thumb/{p}/{i}"),
            format!("/n/thumb/{p}"),
            format!("/n/thumb/{p}/{i}/x"),
            format!("/n/thumb/{p}/../{i}"),
            format!("/n/original/{p}/{i}"),
            format!("/n/tile/{p}/{i}/2/0"),
            format!("/n/tile/{p}/{i}/2/0/-1"),
            format!("/n/tile/{p}/{i}/2/0/01"),
            format!("/n/tile/{p}/{i}/2/0/4294967296"),
            format!("/n/tile/{p}/{i}/2/0/"),
        ] {
            assert_eq!(Address::parse(&wrong, None), None, "{wrong}");
        }
        for query in [
            "x=1",
            "r=%",
            "r=%2",
            "r=%zz",
            "r=%ff",
            "r=1&r=2",
            &format!("r={}", "x".repeat(QUERY + 1)),
        ] {
            assert_eq!(
                Address::parse(&format!("/n/tile/{p}/{i}/0/0/0"), Some(query)),
                None,
                "{query}"
            );
        }
    }
}
