//! Finding the item that a file's name means. Names in files come with folders that are not there
//! any more, backslashes, drive letters; identical base names in different folders are different
//! items, so a base name counts only where a longer name found nothing, and the caller reports it.

use vaultmark_model::ItemId;

use crate::report::taken;
use crate::{FormatError, ItemRef, Lookup, Sink};

/// What looking for names in turn came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Sought {
    Found(ItemRef),
    Missing,
    Ambiguous { name: String, count: u64 },
}

/// The name with `/` between parts, without a drive, a leading `/` or `./`.
pub(crate) fn clean(name: &str) -> String {
    let name = name.trim().replace('\\', "/");
    let mut rest = name.as_str();
    if rest.as_bytes().get(1) == Some(&b':') && rest.as_bytes()[0].is_ascii_alphabetic() {
        rest = &rest[2..];
    }
    loop {
        let shorter = rest.strip_prefix("./").unwrap_or(rest).trim_start_matches('/');
        if shorter.len() == rest.len() {
            return rest.to_owned();
        }
        rest = shorter;
    }
}

/// The last part of a cleaned name.
pub(crate) fn base_name(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// The last two parts of a cleaned name.
pub(crate) fn last_two(name: &str) -> &str {
    name.rmatch_indices('/').nth(1).map_or(name, |(at, _)| &name[at + 1..])
}

/// Looks for each name in turn; the first that is there decides.
pub(crate) fn seek(sink: &mut dyn Sink, names: &[&str]) -> Result<Sought, FormatError> {
    let mut ambiguous = Sought::Missing;
    for name in names.iter().filter(|name| !name.is_empty()) {
        let lookup = match taken(sink.find_item(name))? {
            Ok(lookup) => lookup,
            Err(_) => Lookup::Missing,
        };
        match lookup {
            Lookup::Found(item) => return Ok(Sought::Found(item)),
            Lookup::Ambiguous(count) if ambiguous == Sought::Missing => {
                ambiguous = Sought::Ambiguous { name: (*name).to_owned(), count };
            }
            _ => {}
        }
    }
    Ok(ambiguous)
}

/// The item whose identifier is the name's stem, as in `media/<item-id>.jpg` of our own bundles.
pub(crate) fn seek_id(sink: &mut dyn Sink, name: &str) -> Result<Option<ItemRef>, FormatError> {
    let base = base_name(name);
    let stem = base.split_once('.').map_or(base, |(stem, _)| stem);
    let Ok(id) = stem.parse::<ItemId>() else { return Ok(None) };
    match taken(sink.find_id(id))? {
        Ok(Lookup::Found(item)) => Ok(Some(item)),
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cleaned() {
        for (name, cleaned) in [
            ("a.jpg", "a.jpg"),
            ("./a.jpg", "a.jpg"),
            ("/data/.//a.jpg", "data/.//a.jpg"),
            ("C:\\data\\a.jpg", "data/a.jpg"),
            ("..\\a.jpg", "../a.jpg"),
            (" .//./a.jpg ", "a.jpg"),
            ("é/ü.jpg", "é/ü.jpg"),
            ("", ""),
        ] {
            assert_eq!(clean(name), cleaned, "{name}");
        }
        assert_eq!(last_two("home/pi/x/a.jpg"), "x/a.jpg");
        assert_eq!(last_two("a.jpg"), "a.jpg");
        assert_eq!(base_name("x/a.jpg"), "a.jpg");
    }
}
