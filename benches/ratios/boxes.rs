//! Half a million boxes: as a COCO file, as a project's items, as numbers in memory.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use vaultmark::model::change::{Edit, Part, Subject, Value};
use vaultmark::model::item::{ItemBody, ItemPath};
use vaultmark::model::{Digest, ItemId};
use vaultmark::store::project::Project;

use crate::desk::{Desk, Outcome, contest};
use crate::made::{Dice, FACTS};
use crate::worker;

/// Images that they lie on.
pub const IMAGES: usize = 10_000;
/// Boxes of an image.
pub const PER_IMAGE: usize = 50;
/// Labels that they have.
pub const LABELS: usize = 10;
/// Rounds of the import; each has a project of its own.
const ROUNDS: u32 = 2;

/// One of them.
#[derive(Clone, Copy)]
pub struct OneBox {
    /// From zero.
    pub image: usize,
    /// From zero.
    pub label: usize,
    /// `[x, y, width, height]` in hundredths of a pixel.
    pub hundredths: [u32; 4],
}

impl OneBox {
    /// `[x, y, width, height]` in pixels.
    pub fn pixels(&self) -> [f64; 4] {
        self.hundredths.map(|n| f64::from(n) / 100.0)
    }
}

/// All of them, image by image; the same in every run.
pub fn all() -> impl Iterator<Item = OneBox> {
    let mut dice = Dice(500_000);
    (0..IMAGES * PER_IMAGE).map(move |n| {
        let bits = dice.roll();
        let below = |shift: u32, end: u32| (bits >> shift) as u32 % end;
        OneBox {
            image: n / PER_IMAGE,
            label: (bits >> 60) as usize % LABELS,
            hundredths: [
                below(0, 50_000),
                below(16, 40_000),
                1 + below(30, 14_000),
                1 + below(44, 8_000),
            ],
        }
    })
}

/// An image's path in its project and in the file.
pub fn name(image: usize) -> String {
    format!("set/{image:06}.png")
}

/// A label's name.
pub fn label(label: usize) -> String {
    format!("class {label}")
}

/// The COCO file of all of them.
fn coco() -> Outcome<String> {
    let mut text = String::from("{\"images\": [");
    for image in 0..IMAGES {
        let comma = if image > 0 { "," } else { "" };
        write!(
            text,
            "{comma}\n{{\"id\": {}, \"file_name\": \"{}\", \"width\": 640, \"height\": 480}}",
            image + 1,
            name(image)
        )?;
    }
    text.push_str("],\n\"categories\": [");
    for n in 0..LABELS {
        let comma = if n > 0 { "," } else { "" };
        write!(
            text,
            "{comma}\n{{\"id\": {}, \"name\": \"{}\", \"supercategory\": \"\"}}",
            n + 1,
            label(n)
        )?;
    }
    text.push_str("],\n\"annotations\": [");
    for (n, one) in all().enumerate() {
        let comma = if n > 0 { "," } else { "" };
        let [x, y, width, height] = one.pixels();
        write!(
            text,
            "{comma}\n{{\"id\": {}, \"image_id\": {}, \"category_id\": {}, \
             \"bbox\": [{x}, {y}, {width}, {height}], \"area\": {}, \"iscrowd\": 0, \"segmentation\": []}}",
            n + 1,
            one.image + 1,
            one.label + 1,
            width * height
        )?;
    }
    text.push_str("]}\n");
    Ok(text)
}

/// An image's item.
pub fn item_body(image: usize, content: [u8; 64], number: u32) -> Outcome<ItemBody> {
    Ok(ItemBody {
        path: ItemPath::new(name(image).into())?,
        content: Digest::from_bytes(content),
        crc32: 0,
        size: 1000,
        facts: FACTS,
        number,
    })
}

/// Gives a project that many items, without files.
pub fn add_items(project: &Project, count: usize, dice: &mut Dice) -> Outcome<Vec<ItemId>> {
    let mut batch = project.batch("make items")?;
    let mut items = Vec::new();
    for image in 0..count {
        let id = ItemId::from_bytes(dice.id());
        let mut content = [0; 64];
        content[..16].copy_from_slice(&dice.id());
        let value = Value::Item(Box::new(item_body(image, content, 0)?));
        batch.push(Edit { subject: Subject::Item(id), part: Part::Whole, value })?;
        items.push(id);
    }
    batch.finish()?;
    Ok(items)
}

/// What the imports took; their vault holds the boxes in the project `round 0`.
pub struct Imports {
    /// The vault.
    pub vault: PathBuf,
    /// The least time of an import.
    pub ours: Duration,
    /// The same of the baseline.
    pub baseline: Duration,
    /// The most memory of an import, in bytes.
    pub peak: u64,
}

impl Desk {
    /// Imports them, against the baseline.
    pub fn imports(&self) -> Outcome<&Imports> {
        if let Some(imports) = self.imports.get() {
            return Ok(imports);
        }
        let (vault, file) = (self.path("boxes.vault"), self.path("boxes.json"));
        fs::write(&file, coco()?)?;
        drop(self.vault("boxes.vault")?.lock()?);
        let mut peak = 0;
        let ours = |round| {
            let told = worker::ask("import", &[&vault, &file, format!("round {round}").as_ref()])?;
            peak = peak.max(told.peak);
            Ok(told.time)
        };
        let baseline = |round| {
            let database = self.path(&format!("boxes {round}.db"));
            let told = worker::ask("insert", &[&database])?;
            fs::remove_file(&database)?;
            Ok(told.time)
        };
        let (ours, baseline) = contest(ROUNDS, ours, baseline)?;
        Ok(self.imports.get_or_init(|| Imports { vault, ours, baseline, peak }))
    }
}
