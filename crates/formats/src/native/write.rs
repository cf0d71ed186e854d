//! Writes Vaultmark JSON in one walk over labels, items and annotations.

use super::record::{AnnotationLine, ItemRecord, LabelRecord, Project};
use super::{FILE, FORMAT, VERSION};
use crate::json::write::Document;
use crate::output::OutputFile;
use crate::report::WrittenFile;
use crate::{Dataset, FormatError, Output, WriteReport};

pub(super) fn write(
    dataset: &mut dyn Dataset,
    output: &mut dyn Output,
) -> Result<WriteReport, FormatError> {
    let mut report = WriteReport { format: "native".into(), ..WriteReport::default() };
    let mut document = Document::begin(OutputFile::begin(output, FILE)?)?;
    document.value("format", &FORMAT)?;
    document.value("version", &VERSION)?;
    document.value("project", &Project::of(&dataset.project()?))?;

    document.list("labels")?;
    for label in dataset.labels()? {
        report.labels += 1;
        document.record(&LabelRecord::of(&label))?;
    }
    document.end_list()?;

    document.list("items")?;
    dataset.each_item(&mut |record| {
        report.items += 1;
        document.record(&ItemRecord::of(&record.item))
    })?;
    document.end_list()?;

    document.list("annotations")?;
    dataset.each_annotation(&mut |record| {
        // JSON has no word for NaN; the model never holds one.
        record
            .annotation
            .shape
            .validate()
            .map_err(|source| FormatError::Record { annotation: record.number, source })?;
        report.annotations += 1;
        document.record(&AnnotationLine::of(record))
    })?;
    document.end_list()?;
    let bytes = document.finish()?;
    report.files.push(WrittenFile { path: FILE.into(), bytes });
    Ok(report)
}
