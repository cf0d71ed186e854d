//! Vaults that many tests start from: made once, never opened again, copied.

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use super::{Place, data, made};

/// The 364 photos of `bccd` and their 4,886 boxes.
pub fn bccd() -> Option<Place> {
    static PLACE: OnceLock<Option<Place>> = OnceLock::new();
    PLACE
        .get_or_init(|| {
            let source = data("bccd/BCCD")?;
            let place = Place::with_project("cells");
            place.run([Path::new("import"), &source.join("JPEGImages")]).ok();
            let labels = ["annotations", "import", "--format", "voc"].map(Path::new);
            place.run(labels.into_iter().chain([source.join("Annotations").as_path()])).ends(4);
            Some(place)
        })
        .as_ref()
        .map(Place::copy_of)
}

/// Three small made pictures with two labels and five boxes.
pub fn small() -> Place {
    static PLACE: OnceLock<Place> = OnceLock::new();
    Place::copy_of(PLACE.get_or_init(|| {
        let place = Place::with_project("field");
        let pictures = place.folder().join("pictures");
        fs::create_dir(&pictures).unwrap();
        for n in 0..3 {
            fs::write(pictures.join(format!("{n}.png")), made::noise(64, 48, n)).unwrap();
        }
        place.run([Path::new("import"), &pictures]).ok();
        let file = place.folder().join("boxes.json");
        fs::write(&file, made::coco(&["0.png", "1.png", "2.png"], &["tree", "road"], 5)).unwrap();
        place.run(["annotations", "import", "--format", "coco", file.to_str().unwrap()]).ok();
        place
    }))
}
