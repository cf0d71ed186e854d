//! Whether a history in the database shows what holds the present state (see [`Newest`]).

use rusqlite::{Connection, OptionalExtension};
use vaultmark_model::change::{Hidden, Newest, Part, Share};
use vaultmark_model::id::to_hex;
use vaultmark_model::work::Cancel;

use super::schema::{Db, Id, part, subject};
use crate::StoreError;

const WHAT: &str = "reading the history";

/// Parts of present subjects whose newest revision is withheld; of each its subject and what is wrong.
/// Goes over the history as often as bounded memory asks for.
///
/// # Errors
/// Where the database fails; [`StoreError::Cancelled`].
pub(super) fn find(db: &Connection, cancel: &Cancel) -> Result<Vec<(String, String)>, StoreError> {
    let (mut found, mut shares) = (Vec::new(), vec![Share::all()]);
    while let Some(share) = shares.pop() {
        let (hidden, others) = look(db, share, cancel)?;
        for one in &hidden {
            found.push(said(db, one)?);
        }
        shares.extend(others);
    }
    Ok(found)
}

fn look(
    db: &Connection,
    share: Share,
    cancel: &Cancel,
) -> Result<(Vec<Hidden>, Vec<Share>), StoreError> {
    let mut newest = Newest::of(share);
    let mut statement = db
        .prepare(
            "SELECT change, kind, subject, part, value IS NOT NULL, CASE WHEN part = ?1 THEN value END
             FROM revision ORDER BY row",
        )
        .db(WHAT)?;
    let mut rows = statement.query([Part::Presence.code()]).db(WHAT)?;
    while let Some(row) = rows.next().db(WHAT)? {
        if cancel.is_cancelled() {
            return Err(StoreError::Cancelled);
        }
        let columns = || -> rusqlite::Result<_> {
            let of = (row.get::<_, i64>(0)?, row.get::<_, u8>(1)?, row.get::<_, Id>(2)?);
            Ok((of, row.get(3)?, row.get::<_, bool>(4)?, row.get::<_, Option<Vec<u8>>>(5)?))
        };
        let ((change, kind, id), code, is_shown, presence) = columns().db(WHAT)?;
        let (subject, part) = (subject(kind, id.0)?, part(code)?);
        let presence = presence.and_then(|value| minicbor::Decoder::new(&value).bool().ok());
        newest.push_part(change.unsigned_abs(), subject, part, is_shown.then_some(presence));
    }
    Ok(newest.finish())
}

/// Of what, and what is wrong.
fn said(db: &Connection, one: &Hidden) -> Result<(String, String), StoreError> {
    let Hidden { subject, part, change } = one;
    let row = i64::try_from(*change).unwrap_or(0);
    let seq: Option<i64> = db
        .query_row("SELECT seq FROM change WHERE row = ?1", [row], |r| r.get(0))
        .optional()
        .db(WHAT)?;
    let place = format!("{} {}", super::replay::kind(subject), to_hex(subject.id_bytes()));
    let why = format!(
        "its newest {} (change {}) is withheld although it is not deleted, so an older one \
         would pass for it",
        part.word(),
        seq.unwrap_or(row)
    );
    Ok((place, why))
}
