//! What every format offers.

use crate::sink::DryRun;
use crate::{
    Census, Dataset, Direction, FormatError, Input, Loss, Output, ReadOptions, ReadReport, Setting,
    Sink, WriteOptions, WriteReport,
};

/// An interchange format. Values are stateless; see [`crate::formats`].
pub trait Format: Sync {
    /// The word on the command line and in [`vaultmark_model::Source::Import`].
    fn name(&self) -> &'static str;

    /// The name for people.
    fn title(&self) -> &'static str;

    /// File extensions of its documents, without a dot, lower case. A folder given for import is
    /// searched for them.
    fn extensions(&self) -> &'static [&'static str];

    /// Whether [`Format::read`] works.
    fn can_read(&self) -> bool {
        false
    }

    /// Whether [`Format::write`] works.
    fn can_write(&self) -> bool {
        false
    }

    /// The settings that it takes, each with its words and default.
    fn settings(&self) -> &'static [Setting] {
        &[]
    }

    /// What writing a data set of this census with these options would lose; empty for nothing.
    fn losses(&self, _census: &Census, _options: &WriteOptions) -> Vec<Loss> {
        Vec::new()
    }

    /// Writes the data set. Deterministic: the same records give the same bytes.
    ///
    /// # Errors
    /// Where the data set or the output fails, or a setting is unknown.
    fn write(
        &self,
        _dataset: &mut dyn Dataset,
        _output: &mut dyn Output,
        _options: &WriteOptions,
    ) -> Result<WriteReport, FormatError> {
        Err(FormatError::Direction { format: self.name(), verb: "written" })
    }

    /// Reads the inputs record by record, whatever [`ReadOptions::strict`] says; the part that each
    /// format implements. Callers use [`Format::read`].
    ///
    /// # Errors
    /// Where an input can't be read or the sink fails; what is wrong with records is reported.
    fn read_records(
        &self,
        _inputs: &[Input],
        _sink: &mut dyn Sink,
        _options: &ReadOptions,
    ) -> Result<ReadReport, FormatError> {
        Err(FormatError::Direction { format: self.name(), verb: "read" })
    }

    /// Reads the inputs into the sink. In strict mode a first run only looks things up in the sink;
    /// any refusal in it ends the import before anything is handed over.
    ///
    /// # Errors
    /// As [`Format::read_records`]; [`FormatError::Strict`] with the report in strict mode.
    fn read(
        &self,
        inputs: &[Input],
        sink: &mut dyn Sink,
        options: &ReadOptions,
    ) -> Result<ReadReport, FormatError> {
        options.settings.check(self.name(), self.settings(), Direction::Read)?;
        if !options.strict {
            return self.read_records(inputs, sink, options);
        }
        let rehearsal = self.read_records(inputs, &mut DryRun::new(sink), options)?;
        if rehearsal.refused.count() > 0 {
            return Err(FormatError::Strict { report: Box::new(rehearsal) });
        }
        // A file that changed between the two runs, or a sink that refuses a record, still ends in
        // an error: the caller drops its batch and nothing has happened.
        let report = self.read_records(inputs, sink, options)?;
        if report.refused.count() > 0 {
            return Err(FormatError::Strict { report: Box::new(report) });
        }
        Ok(report)
    }
}
