//! What a change may do, settled before any of it is written.

use rusqlite::{OptionalExtension, params};
use vaultmark_model::canonical::Canonical;
use vaultmark_model::change::{Edit, Part, Subject, Value};
use vaultmark_model::item::ItemBody;
use vaultmark_model::text::check_name;
use vaultmark_model::{AnnotationId, ItemId, LabelId, Source};

use super::draft::Draft;
use super::known::{self, LOCKED};
use super::links::newest_revision;
use super::schema::Db;
use crate::StoreError;

const WHAT: &str = "making a change";

impl Draft<'_> {
    /// Checks an edit against the present state, and gives new items and labels their integers
    /// where the caller left them at zero.
    ///
    /// # Errors
    /// [`StoreError::Model`] for a value out of bounds, [`StoreError::NotFound`] for a subject or
    /// reference that is not there, [`StoreError::Refused`] with the rule.
    pub(super) fn admit(&mut self, mut edit: Edit) -> Result<Edit, StoreError> {
        if !edit.value.fits(&edit.subject, edit.part) {
            return Err(StoreError::refused(WHAT, "the value does not belong to that part"));
        }
        edit.value.validate(edit.part)?;
        match (&edit.subject, &mut edit.value) {
            (Subject::Item(_), Value::Item(body)) => {
                // What can't be read back is refused before it is written.
                ItemBody::from_bytes(&body.to_bytes())?;
                body.number = self.give_item_number(body.number)?;
            }
            (Subject::Label(id), Value::Label(body)) => {
                self.check_name(id, &body.name)?;
                body.number = self.give_label_number(body.number)?;
            }
            (Subject::Annotation(_), Value::Annotation(body)) => {
                check_source(&body.source)?;
                self.check_item(&body.item)?;
                self.check_label(&body.label)?;
            }
            (subject, Value::Flag(true)) if edit.part == Part::Presence => {
                self.admit_present(subject)?;
                self.check_payload(subject)?;
            }
            (Subject::Item(id), value) => self.admit_item(id, edit.part, value)?,
            (Subject::Label(id), value) => self.admit_label(id, edit.part, value)?,
            (Subject::Annotation(id), value) => self.admit_annotation(id, edit.part, value)?,
        }
        Ok(edit)
    }

    fn admit_present(&mut self, subject: &Subject) -> Result<(), StoreError> {
        let (part, value) = (Part::Presence, Value::Flag(true));
        match subject {
            Subject::Item(id) => self.admit_item(id, part, &value),
            Subject::Label(id) => self.admit_label(id, part, &value),
            Subject::Annotation(id) => self.admit_annotation(id, part, &value),
        }
    }

    /// What comes back must show what it was: an older value would pass for one that was erased.
    fn check_payload(&self, subject: &Subject) -> Result<(), StoreError> {
        let db = &self.locked.db;
        let erased: Option<i64> = db
            .prepare_cached(
                "SELECT 1 FROM revision r WHERE subject = ?1 AND part > 1 AND kind = ?2
                    AND value IS NULL AND NOT EXISTS (
                        SELECT 1 FROM revision n WHERE n.subject = r.subject AND n.part = r.part
                           AND n.part > 0 AND n.kind = r.kind AND n.row > r.row)
                  LIMIT 1",
            )
            .and_then(|mut s| {
                s.query_row(params![subject.id_bytes(), subject.code()], |r| r.get(0)).optional()
            })
            .db("looking up revisions")?;
        match erased {
            None => Ok(()),
            Some(_) => Err(StoreError::refused("restoring", "a part of it was erased for good")),
        }
    }

    fn admit_item(&mut self, id: &ItemId, part: Part, value: &Value) -> Result<(), StoreError> {
        let missing = || StoreError::not_found("item", id);
        let known = self.state.item(&self.locked.db, id)?.ok_or_else(missing)?;
        if part != Part::Presence {
            return if known.present { Ok(()) } else { Err(missing()) };
        }
        check_turn(value, known.present, missing)?;
        if known.present {
            let count =
                self.state.annotations_of(&self.locked.db, &Subject::Item(*id), known.row)?;
            if count > 0 {
                return Err(StoreError::refused(
                    "removing an item",
                    format!("it has {count} annotations; delete them first"),
                ));
            }
        }
        Ok(())
    }

    fn admit_label(&mut self, id: &LabelId, part: Part, value: &Value) -> Result<(), StoreError> {
        let missing = || StoreError::not_found("label", id);
        let known = self.state.label(&self.locked.db, id)?.ok_or_else(missing)?;
        if let (Part::Name, Value::Text(name)) = (part, value) {
            self.check_name(id, name)?;
        }
        if part != Part::Presence {
            return if known.present { Ok(()) } else { Err(missing()) };
        }
        check_turn(value, known.present, missing)?;
        let db = &self.locked.db;
        if known.present {
            let count = self.state.annotations_of(db, &Subject::Label(*id), known.row)?;
            if count > 0 {
                return Err(StoreError::refused(
                    "deleting a label",
                    format!("{count} annotations use it; give them another label first"),
                ));
            }
            return Ok(());
        }
        let name: String = db
            .query_row("SELECT name FROM label WHERE row = ?1", [known.row], |r| r.get(0))
            .db("looking up a label")?;
        self.check_name(id, &name)
    }

    fn admit_annotation(
        &mut self,
        id: &AnnotationId,
        part: Part,
        value: &Value,
    ) -> Result<(), StoreError> {
        let missing = || StoreError::not_found("annotation", id);
        let known = self.state.annotation(&self.locked.db, id)?.ok_or_else(missing)?;
        if part == Part::Presence {
            check_turn(value, known.present, missing)?;
        } else if !known.present {
            return Err(missing());
        }
        let guarded = matches!(part, Part::Geometry | Part::Label | Part::Presence);
        if known.present
            && guarded
            && known.flags & LOCKED != 0
            && !self.opens_own_lock(id, part)?
        {
            return Err(StoreError::refused(WHAT, "the annotation is locked; unlock it first"));
        }
        if let Value::LabelRef(label) = value {
            self.check_label(label)?;
        }
        if part == Part::Presence && !known.present {
            // Coming back: what it lies on and what it refers to must be there.
            let item = known::item_id(&self.locked.db, known.item)?;
            self.check_item(&item)?;
            let label = known.label.map(|row| {
                self.locked
                    .db
                    .query_row("SELECT present FROM label WHERE row = ?1", [row], |r| r.get(0))
                    .optional()
                    .db("looking up a label")
                    .map(Option::unwrap_or_default)
            });
            if !label.transpose()?.unwrap_or(false) {
                return Err(StoreError::refused(
                    WHAT,
                    "its label has been deleted since; restore that first",
                ));
            }
        }
        Ok(())
    }

    /// Taking back one's own creation or restoring takes one's own lock along: it came with it or
    /// after it, and what others set since has been refused before.
    fn opens_own_lock(&self, id: &AnnotationId, part: Part) -> Result<bool, StoreError> {
        if !self.reversing || part != Part::Presence {
            return Ok(false);
        }
        match newest_revision(&self.locked.db, &Subject::Annotation(*id), Part::Locked)? {
            Some(row) => self.is_mine(row),
            None => Ok(false),
        }
    }

    fn check_item(&mut self, id: &ItemId) -> Result<(), StoreError> {
        match self.state.item(&self.locked.db, id)? {
            Some(known) if known.present => Ok(()),
            _ => Err(StoreError::not_found("item", id)),
        }
    }

    fn check_label(&mut self, id: &LabelId) -> Result<(), StoreError> {
        match self.state.label(&self.locked.db, id)? {
            Some(known) if known.present => Ok(()),
            _ => Err(StoreError::not_found("label", id)),
        }
    }

    fn check_name(&self, id: &LabelId, name: &str) -> Result<(), StoreError> {
        let taken = self
            .locked
            .db
            .query_row(
                "SELECT 1 FROM label WHERE name = ?1 AND present = 1 AND id <> ?2",
                params![name, id.as_bytes()],
                |_| Ok(()),
            )
            .optional()
            .db("looking up a label")?;
        if taken.is_some() {
            return Err(StoreError::refused(
                "naming a label",
                format!("there is a label `{name}` already; choose another name"),
            ));
        }
        Ok(())
    }

    fn give_item_number(&mut self, wanted: u32) -> Result<u32, StoreError> {
        const SQL: &str = "SELECT 1 FROM item WHERE number = ?1";
        let number = self.give(wanted, self.item_number, SQL)?;
        self.item_number = self.item_number.max(number);
        Ok(number)
    }

    fn give_label_number(&mut self, wanted: u32) -> Result<u32, StoreError> {
        const SQL: &str = "SELECT 1 FROM label WHERE number = ?1";
        let number = self.give(wanted, self.label_number, SQL)?;
        self.label_number = self.label_number.max(number);
        Ok(number)
    }

    /// An integer that was never given: the wanted one, or the next for zero.
    fn give(&self, wanted: u32, highest: u32, find: &str) -> Result<u32, StoreError> {
        if wanted == 0 || wanted > highest {
            let next = if wanted == 0 { highest.checked_add(1) } else { Some(wanted) };
            return next.ok_or_else(|| StoreError::refused(WHAT, "all numbers have been given"));
        }
        let taken = self
            .locked
            .db
            .query_row(find, [wanted], |_| Ok(()))
            .optional()
            .db("looking up a number")?;
        match taken {
            Some(()) => Err(StoreError::refused(WHAT, format!("number {wanted} was given before"))),
            None => Ok(wanted),
        }
    }
}

/// Bounds that reading back demands of a source.
fn check_source(source: &Source) -> Result<(), StoreError> {
    match source {
        Source::Person => {}
        Source::Import { format } => check_name("source format", format)?,
        Source::Model { name, version, confidence } => {
            check_name("model name", name)?;
            check_name("model version", version)?;
            if !confidence.is_finite() {
                return Err(StoreError::refused(WHAT, "the model's confidence is not a number"));
            }
        }
    }
    Ok(())
}

/// Presence turns: what is there can be deleted, what was deleted can come back.
fn check_turn(
    value: &Value,
    present: bool,
    missing: impl Fn() -> StoreError,
) -> Result<(), StoreError> {
    match value {
        Value::Flag(wanted) if *wanted == present && present => {
            Err(StoreError::refused(WHAT, "it is there already"))
        }
        Value::Flag(wanted) if *wanted == present => Err(missing()),
        _ => Ok(()),
    }
}
