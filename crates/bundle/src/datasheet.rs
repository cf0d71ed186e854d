//! data/README.txt: the datasheet that a receiver without Vaultmark reads first. Plain text, at
//! most 100 columns where the content allows, line feeds only.

use std::fmt::Write;

use vaultmark_model::{BundleId, Marking, Timestamp};

use crate::entry::Entry;
use crate::frame::README;
use crate::info::one_line;

/// How many annotations a class has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassCount {
    /// The label's name.
    pub label: String,
    /// Annotations of it.
    pub annotations: u64,
    /// Items on which it stands.
    pub items: u64,
}

/// The frame in which coordinates are given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frame {
    /// The upright frame: EXIF orientation applied.
    Upright,
    /// The frame of the stored raster.
    Stored,
}

/// What a format could not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// The format's name.
    pub format: String,
    /// What is lost.
    pub what: String,
    /// How often.
    pub count: u64,
    /// What it means for the reader.
    pub consequence: String,
}

/// What the datasheet says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Datasheet {
    /// The bundle.
    pub bundle: BundleId,
    /// The project's name.
    pub project: String,
    /// The marking of the whole.
    pub marking: Marking,
    /// When the draft was frozen.
    pub created: Timestamp,
    /// Program and version.
    pub program: String,
    /// Items described.
    pub items: u64,
    /// Media files carried; none where only annotations are sent.
    pub media: Option<u64>,
    /// Counts by class, in the schema's order.
    pub classes: Vec<ClassCount>,
    /// The frame of all coordinates.
    pub frame: Frame,
    /// Items whose EXIF orientation is not 1.
    pub rotated_items: u64,
    /// The annotation files, as paths in the bundle.
    pub formats: Vec<String>,
    /// What they could not hold.
    pub losses: Vec<Lost>,
    /// The creator's name in the receiver's trust list.
    pub creator: String,
    /// The creator's key, `SHA256:…`.
    pub fingerprint: String,
    /// Whether a second person approves it.
    pub two_person: bool,
    /// Whether it is sealed to recipients.
    pub sealed: bool,
}

impl Datasheet {
    /// The entry of the bundle.
    #[must_use]
    pub fn entry(&self) -> Entry {
        Entry::bytes(README, self.text().into_bytes())
    }

    /// The text. Names from outside are made one safe line each.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a String can't fail.
        let _ = self.write_all(&mut text);
        text
    }

    fn write_all(&self, t: &mut String) -> std::fmt::Result {
        self.head(t)?;
        self.content(t)?;
        self.verify(t)?;
        self.join(t)
    }

    fn head(&self, t: &mut String) -> std::fmt::Result {
        let marking = self.marking.text();
        writeln!(t, "{marking}\n")?;
        writeln!(t, "{}", one_line(&self.project))?;
        writeln!(t, "A bundle of training data.\n")?;
        writeln!(t, "Bundle       {}", self.bundle)?;
        writeln!(t, "Marking      {marking}")?;
        writeln!(t, "Made         {}", self.created.to_iso())?;
        writeln!(t, "Made with    {}", one_line(&self.program))?;
        writeln!(t, "Creator      {}", one_line(&self.creator))?;
        writeln!(t, "Creator key  {}\n", self.fingerprint)
    }

    fn content(&self, t: &mut String) -> std::fmt::Result {
        writeln!(t, "WHAT IS IN IT\n")?;
        writeln!(t, "Items        {}", self.items)?;
        match self.media {
            Some(files) => writeln!(
                t,
                "Media        {files} files under data/media/, bit for bit as imported"
            )?,
            None => writeln!(
                t,
                "Media        none: only annotations were sent; data/items.jsonl names each file"
            )?,
        }
        let total: u64 = self.classes.iter().map(|class| class.annotations).sum();
        writeln!(t, "Annotations  {total}")?;
        for path in &self.formats {
            writeln!(t, "             {path}")?;
        }
        writeln!(t, "\nBy class (annotations, items):")?;
        if self.classes.is_empty() {
            writeln!(t, "  (the schema has no class)")?;
        }
        for ClassCount { label, annotations, items } in &self.classes {
            writeln!(t, "  {annotations:>9} {items:>9}  {}", one_line(label))?;
        }
        writeln!(t, "\nCOORDINATES\n")?;
        writeln!(
            t,
            "Continuous pixels from the outer top-left corner of the image: x to the right, y down,"
        )?;
        writeln!(t, "the centre of the first pixel at (0.5, 0.5).")?;
        match self.frame {
            Frame::Upright => writeln!(
                t,
                "Frame: upright. Apply the EXIF orientation to the image before drawing; width and height\n\
                 in the annotation files are those of the upright image."
            )?,
            Frame::Stored => writeln!(
                t,
                "Frame: stored. Read the image without applying its EXIF orientation; width and height in\n\
                 the annotation files are those of the stored raster."
            )?,
        }
        writeln!(t, "Items whose EXIF orientation is not 1: {}", self.rotated_items)?;
        writeln!(t, "\nWHAT THE FORMATS COULD NOT HOLD\n")?;
        if self.losses.is_empty() {
            writeln!(t, "Nothing was lost.")?;
        }
        for Lost { format, what, count, consequence } in &self.losses {
            let (what, consequence) = (one_line(what), one_line(consequence));
            writeln!(t, "  {}: {what}, {count} times. {consequence}", one_line(format))?;
        }
        Ok(())
    }

    fn verify(&self, t: &mut String) -> std::fmt::Result {
        let creator = shell_word(&self.creator);
        writeln!(t, "\nHOW TO VERIFY IT WITHOUT VAULTMARK\n")?;
        writeln!(
            t,
            "Put NAME for the file's name. ALLOWED_SIGNERS is the sender's line, had by another way than\n\
             this bundle, and compared with the key above on paper. Each line must succeed; the last\n\
             prints \"Good\". A file count stands beside sha512sum because that ignores files put in later.\n"
        )?;
        writeln!(t, "Linux:\n")?;
        if self.sealed {
            writeln!(t, "  age -d -i KEY.txt -o NAME.bag.zip NAME.bag.zip.age")?;
        }
        writeln!(t, "  unzip -q NAME.bag.zip -d NAME && cd NAME")?;
        writeln!(t, "  sha512sum -c --quiet --strict tagmanifest-sha512.txt")?;
        writeln!(t, "  sha512sum -c --quiet --strict manifest-sha512.txt")?;
        writeln!(
            t,
            "  test \"$(find data -type f | wc -l)\" -eq \"$(wc -l < manifest-sha512.txt)\""
        )?;
        for role in self.roles() {
            let principal = if *role == "creator" { creator.as_str() } else { "APPROVER" };
            writeln!(
                t,
                "  ssh-keygen -Y verify -f ALLOWED_SIGNERS -I {principal} -n vaultmark-bundle-{role} \
                 -s signatures/{role}.sig < tagmanifest-sha512.txt"
            )?;
        }
        writeln!(t, "\nWindows PowerShell:\n")?;
        if self.sealed {
            writeln!(t, "  age -d -i KEY.txt -o NAME.bag.zip NAME.bag.zip.age")?;
        }
        writeln!(
            t,
            "  Copy-Item NAME.bag.zip NAME.zip; Expand-Archive NAME.zip NAME; Set-Location NAME"
        )?;
        writeln!(
            t,
            "  foreach ($m in 'tagmanifest-sha512.txt','manifest-sha512.txt') {{ foreach ($l in \
             Get-Content -Encoding UTF8 $m) {{ $h,$p = $l -split '  ',2; if ((Get-FileHash -Algorithm \
             SHA512 -LiteralPath $p).Hash -ne $h) {{ throw \"altered: $p\" }} }} }}"
        )?;
        writeln!(
            t,
            "  if (@(Get-ChildItem data -Recurse -File).Count -ne \
             @(Get-Content manifest-sha512.txt).Count) {{ throw 'files were put in' }}"
        )?;
        for role in self.roles() {
            let principal = if *role == "creator" { self.creator.as_str() } else { "APPROVER" };
            writeln!(
                t,
                "  cmd /c \"ssh-keygen -Y verify -f ALLOWED_SIGNERS -I {} -n vaultmark-bundle-{role} \
                 -s signatures/{role}.sig < tagmanifest-sha512.txt\"",
                one_line(principal)
            )?;
        }
        Ok(())
    }

    fn roles(&self) -> &'static [&'static str] {
        if self.two_person { &["creator", "approver"] } else { &["creator"] }
    }

    fn join(&self, t: &mut String) -> std::fmt::Result {
        writeln!(t, "\nVOLUMES\n")?;
        writeln!(
            t,
            "bag-info.txt says in Bag-Count which volume of how many this is; all volumes have one\n\
             Bag-Group-Identifier. Each volume is verified alone, as above, and unpacked into a folder of\n\
             its own. Files of equal names outside data/media/ belong to their volume. A file too large\n\
             for one volume came as parts NAME.part-0001-of-0003 and so on; join them in the order of\n\
             their numbers and compare with the SHA-512 in data/items.jsonl:\n"
        )?;
        writeln!(
            t,
            "  Linux:    cat VOLUME1/data/media/FILE.part-0001-of-0002 VOLUME2/data/media/FILE.part-0002-of-0002 > FILE"
        )?;
        writeln!(
            t,
            "  Windows:  cmd /c copy /b VOLUME1\\data\\media\\FILE.part-0001-of-0002+VOLUME2\\data\\media\\FILE.part-0002-of-0002 FILE"
        )
    }
}

/// A name as one word of a POSIX shell.
fn shell_word(text: &str) -> String {
    let text = one_line(text);
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-@+=,".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text;
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn sample() -> Datasheet {
        Datasheet {
            bundle: BundleId::from_bytes([1; 16]),
            project: "River\u{2028}crossing".into(),
            marking: Marking::new("UNCLASSIFIED").unwrap(),
            created: Timestamp::from_millis(1_767_225_599_000),
            program: "vaultmark 0.1.0".into(),
            items: 2,
            media: Some(2),
            classes: vec![
                ClassCount { label: "tree".into(), annotations: 61, items: 1 },
                ClassCount { label: "road\ncut".into(), annotations: 3, items: 2 },
            ],
            frame: Frame::Upright,
            rotated_items: 1,
            formats: vec!["data/annotations/coco.json".into()],
            losses: vec![],
            creator: "anna".into(),
            fingerprint: "SHA256:abc".into(),
            two_person: false,
            sealed: true,
        }
    }

    #[test]
    fn it_states_counts_frame_losses_and_ways_to_verify() {
        let text = sample().text();
        for part in [
            "UNCLASSIFIED\n",
            "River crossing\n",
            "Annotations  64\n",
            "       61         1  tree\n",
            "road cut\n",
            "Frame: upright.",
            "Items whose EXIF orientation is not 1: 1\n",
            "Nothing was lost.\n",
            "sha512sum -c --quiet --strict manifest-sha512.txt\n",
            "-I anna -n vaultmark-bundle-creator -s signatures/creator.sig",
            "age -d ",
            "Get-FileHash -Algorithm SHA512",
            "copy /b ",
        ] {
            assert!(text.contains(part), "{part:?} in\n{text}");
        }
        assert!(!text.contains('\r') && !text.contains('\u{2028}'));
        assert!(!text.contains("approver"));
    }

    #[test]
    fn a_name_can_not_leave_its_place_in_a_shell_line() {
        assert_eq!(shell_word("anna"), "anna");
        assert_eq!(shell_word("a b; rm"), "'a b; rm'");
        assert_eq!(shell_word("a'b"), "'a'\\''b'");
    }
}
