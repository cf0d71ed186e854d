//! Vaultmark JSON: the native format, which holds everything that the model knows of a project but
//! its history. The normative page is `docs-offline/native-json.md`; this folder follows it.
//!
//! One record a line, keys in a fixed order, floats with the fewest digits that read back as the
//! same 64 bits: the same project gives the same bytes, and export, import, export gives them again.

mod read;
mod record;
mod write;

use crate::{
    Census, Dataset, Format, FormatError, Input, Loss, Output, ReadOptions, ReadReport, Sink,
    WriteOptions, WriteReport,
};

/// The file that is written.
const FILE: &str = "native.json";
/// The value of `format`.
const FORMAT: &str = "vaultmark";
/// The version that is written, and the highest that is read.
const VERSION: u64 = 1;

/// Vaultmark JSON.
pub(crate) struct Native;

impl Format for Native {
    fn name(&self) -> &'static str {
        "native"
    }

    fn title(&self) -> &'static str {
        "Vaultmark JSON (lossless)"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["json"]
    }

    fn can_read(&self) -> bool {
        true
    }

    fn can_write(&self) -> bool {
        true
    }

    fn losses(&self, _census: &Census, _options: &WriteOptions) -> Vec<Loss> {
        Vec::new()
    }

    fn write(
        &self,
        dataset: &mut dyn Dataset,
        output: &mut dyn Output,
        options: &WriteOptions,
    ) -> Result<WriteReport, FormatError> {
        options.settings.check(self.name(), &[], crate::Direction::Write)?;
        write::write(dataset, output)
    }

    fn read_records(
        &self,
        inputs: &[Input],
        sink: &mut dyn Sink,
        _options: &ReadOptions,
    ) -> Result<ReadReport, FormatError> {
        read::read(inputs, sink)
    }
}
