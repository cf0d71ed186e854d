//! Importing real images, plan and work, pyramids apart; against the same files decoded by `image`,
//! hashed, and written in equal groups of durable files.

use std::fs::{self, File};
use std::hint::black_box;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use ring::digest::{SHA512, digest};
use vaultmark::journeys::import;
use vaultmark::model::work::Work;

use crate::desk::{Desk, Outcome, contest, data, in_parallel, timed};
use crate::made;
use crate::table::Row;

const WORK: &str = "import bccd, overhead and a large JPEG";
/// Files that become durable together, as in ours.
const GROUP: usize = 64;

/// Measures it.
pub fn run(desk: &Desk) -> Outcome<Vec<Row>> {
    let named = ["bccd", "overhead", "large/osd_6976x5074.jpg"].map(data);
    let Some(paths) = named.into_iter().collect::<Option<Vec<PathBuf>>>() else {
        return Ok(vec![Row::LeftOut { work: WORK, why: "../shared/data is not here".into() }]);
    };
    let session = desk.vault("images.vault")?;
    let first = made::project(&session, "the list")?.id();
    let plan = Work::quiet(|work| import::plan(&session, first, &paths, work))?;
    let files: Vec<PathBuf> = plan.new.iter().map(|planned| planned.file.clone()).collect();

    let ours = |round| {
        let project = made::project(&session, &format!("round {round}"))?.id();
        let (report, time) = timed(|| {
            let plan = Work::quiet(|work| import::plan(&session, project, &paths, work))?;
            Ok(Work::quiet(|work| import::perform(&session, project, &plan, work))?)
        })?;
        let (done, due) = (report.imported, files.len() as u64);
        if done != due {
            return Err(format!("{done} of {due} were imported: {:?}", report.refused).into());
        }
        Ok(time)
    };
    let baseline = |round| {
        let folder = desk.path(&format!("plain {round}"));
        fs::create_dir(&folder)?;
        timed(|| plain(&files, &folder)).map(|((), time)| time)
    };
    let (ours, baseline) = contest(7, ours, baseline)?;
    Ok(vec![Row::Ratio { work: WORK, ours, baseline, bound: 1.5 }])
}

/// Decodes, hashes and writes; each group is flushed, renamed, and its folder flushed.
fn plain(files: &[PathBuf], folder: &Path) -> Outcome<()> {
    for (number, group) in files.chunks(GROUP).enumerate() {
        let written: Mutex<Vec<(File, PathBuf)>> = Mutex::default();
        in_parallel(group.len(), |at| {
            let bytes = fs::read(&group[at])?;
            let decoded = image::load_from_memory(&bytes);
            black_box(decoded.map_err(|error| format!("{}: {error}", group[at].display()))?);
            black_box(digest(&SHA512, &bytes));
            let path = folder.join(format!("{number}-{at}.new"));
            let mut file = File::create_new(&path)?;
            file.write_all(&bytes)?;
            written.lock().unwrap_or_else(PoisonError::into_inner).push((file, path));
            Ok(())
        })?;
        let written = written.into_inner().unwrap_or_else(PoisonError::into_inner);
        in_parallel(written.len(), |at| Ok(written[at].0.sync_data()?))?;
        for (_, path) in &written {
            fs::rename(path, path.with_extension("kept"))?;
        }
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}
