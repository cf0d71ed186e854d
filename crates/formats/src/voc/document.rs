//! One VOC file as a value: texts by their place, objects with their lines. The file is held in
//! memory while it is parsed, at most [`FILE_BYTES`]; it describes one image.

use std::collections::BTreeMap;

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, Event};

use crate::limits::{ELEMENT_BYTES, OBJECTS, TEXT_BYTES};

/// The most bytes of one file.
pub(super) const FILE_BYTES: u64 = 64 << 20;
/// The deepest nesting of elements.
const DEPTH: usize = 32;

/// Why a file is refused as a whole.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Malformed {
    pub line: u64,
    pub why: String,
}

/// A VOC file.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Document {
    pub folder: String,
    pub filename: String,
    pub path: String,
    pub width: String,
    pub height: String,
    pub objects: Vec<Object>,
    /// Elements that are not read: how many, and the line of the first.
    pub unread: BTreeMap<String, (u64, u64)>,
}

/// One object; texts as they stand, trimmed.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Object {
    /// The line of its start tag.
    pub line: u64,
    pub name: Option<String>,
    pub truncated: Option<String>,
    pub occluded: Option<String>,
    pub difficult: Option<String>,
    /// How many `bndbox` it has.
    pub boxes: u32,
    /// `xmin`, `ymin`, `xmax`, `ymax`.
    pub corners: [Option<String>; 4],
    /// A text that stands there twice.
    pub twice: Option<&'static str>,
}

/// Names of the corners, in the order of [`Object::corners`].
pub(super) const CORNERS: [&str; 4] = ["xmin", "ymin", "xmax", "ymax"];

/// Parses a file's bytes.
pub(super) fn parse(bytes: Vec<u8>) -> Result<Document, Malformed> {
    let text = decode(bytes)?;
    let mut reader = Reader::from_str(&text);
    let mut parser = Parser { lines: Lines::of(&text), ..Parser::default() };
    loop {
        let at = reader.buffer_position();
        match reader.read_event() {
            Ok(Event::Eof) => break,
            Ok(event) => parser.event(event, at)?,
            Err(error) => {
                let at = reader.error_position().max(at);
                return Err(parser.wrong(at, format!("it is not valid XML: {error}")));
            }
        }
    }
    let end = text.len() as u64;
    match parser.open.last() {
        Some(open) => {
            let why = format!("it ends inside <{open}>");
            Err(parser.wrong(end, why))
        }
        None if !parser.begun => Err(parser.wrong(end, "it is empty".into())),
        None => Ok(parser.document),
    }
}

/// The text; ISO 8859-1 where the file declares it, UTF-8 else.
fn decode(bytes: Vec<u8>) -> Result<String, Malformed> {
    let error = match String::from_utf8(bytes) {
        Ok(text) => return Ok(text),
        Err(error) => error,
    };
    let valid = error.utf8_error().valid_up_to();
    let bytes = error.into_bytes();
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(200)]).to_ascii_lowercase();
    if head.contains("iso-8859-1") || head.contains("latin1") {
        return Ok(bytes.into_iter().map(char::from).collect());
    }
    let line = 1 + bytes[..valid].iter().filter(|b| **b == b'\n').count() as u64;
    Err(Malformed { line, why: "it is not UTF-8; save it as UTF-8".into() })
}

/// Lines of rising byte positions.
#[derive(Default)]
struct Lines<'a> {
    text: &'a [u8],
    at: usize,
    line: u64,
}

impl<'a> Lines<'a> {
    fn of(text: &'a str) -> Self {
        Self { text: text.as_bytes(), at: 0, line: 1 }
    }

    /// The line of byte `at`, which is not before the last one asked for.
    fn line(&mut self, at: u64) -> u64 {
        let at = usize::try_from(at).unwrap_or(usize::MAX).min(self.text.len());
        if at > self.at {
            let passed = self.text[self.at..at].iter().filter(|b| **b == b'\n').count();
            self.line += passed as u64;
            self.at = at;
        }
        self.line
    }
}

#[derive(Default)]
struct Parser<'a> {
    document: Document,
    lines: Lines<'a>,
    /// Names of the open elements.
    open: Vec<String>,
    text: String,
    begun: bool,
    /// The depth of an element that is not read, with all that is in it.
    unread: Option<usize>,
}

impl Parser<'_> {
    fn wrong(&mut self, at: u64, why: String) -> Malformed {
        Malformed { line: self.lines.line(at), why }
    }

    fn event(&mut self, event: Event<'_>, at: u64) -> Result<(), Malformed> {
        match event {
            Event::Start(start) => self.start(start.name().as_ref(), at),
            Event::Empty(start) => {
                self.start(start.name().as_ref(), at)?;
                self.end();
                Ok(())
            }
            Event::End(_) => {
                self.end();
                Ok(())
            }
            Event::Text(text) => self.characters(&text, at),
            Event::CData(text) => self.characters(&text, at),
            Event::GeneralRef(reference) => self.reference(&reference, at),
            Event::DocType(_) => {
                let why = "it has a document type definition, which is never read; remove it";
                Err(self.wrong(at, why.into()))
            }
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) | Event::Eof => Ok(()),
        }
    }

    fn start(&mut self, name: &str, at: u64) -> Result<(), Malformed> {
        if name.len() > ELEMENT_BYTES {
            let why = format!("the name of an element has more than {ELEMENT_BYTES} bytes");
            return Err(self.wrong(at, why));
        }
        if self.open.is_empty() {
            if self.begun {
                return Err(self.wrong(at, format!("<{name}> follows the end of the document")));
            }
            if name != "annotation" {
                let why =
                    format!("it begins with <{name}>, not <annotation>: it is not Pascal VOC");
                return Err(self.wrong(at, why));
            }
            self.begun = true;
        }
        if self.open.len() >= DEPTH {
            return Err(self.wrong(at, format!("elements are nested more than {DEPTH} deep")));
        }
        self.open.push(name.to_owned());
        self.text.clear();
        if self.unread.is_some() {
            return Ok(());
        }
        let path: Vec<&str> = self.open.iter().map(String::as_str).collect();
        match path.as_slice() {
            ["annotation"]
            | ["annotation", "folder" | "filename" | "path" | "size" | "segmented" | "source"]
            | ["annotation", "size", _]
            | ["annotation", "source", ..]
            | ["annotation", "object", "name" | "pose" | "truncated" | "occluded" | "difficult"]
            | ["annotation", "object", "bndbox", "xmin" | "ymin" | "xmax" | "ymax"] => {}
            ["annotation", "object"] => {
                let line = self.lines.line(at);
                if self.document.objects.len() == OBJECTS {
                    let why = format!(
                        "it has more than {OBJECTS} objects, the most of one image; split it"
                    );
                    return Err(Malformed { line, why });
                }
                self.document.objects.push(Object { line, ..Object::default() });
            }
            ["annotation", "object", "bndbox"] => {
                if let Some(object) = self.document.objects.last_mut() {
                    object.boxes += 1;
                }
            }
            other => {
                let what = other[1..].join("/");
                self.unread = Some(self.open.len());
                self.note_unread(what, at);
            }
        }
        Ok(())
    }

    fn note_unread(&mut self, what: String, at: u64) {
        let line = self.lines.line(at);
        let known = self.document.unread.len() < 64 || self.document.unread.contains_key(&what);
        if known {
            self.document.unread.entry(what).or_insert((0, line)).0 += 1;
        }
    }

    fn end(&mut self) {
        let text = self.text.trim().to_owned();
        self.text.clear();
        let depth = self.open.len();
        let path: Vec<&str> = self.open.iter().map(String::as_str).collect();
        match (self.unread, path.as_slice()) {
            (Some(unread), _) if unread == depth => self.unread = None,
            (Some(_), _) => {}
            (None, ["annotation", "folder"]) => self.document.folder = text,
            (None, ["annotation", "filename"]) => self.document.filename = text,
            (None, ["annotation", "path"]) => self.document.path = text,
            (None, ["annotation", "size", "width"]) => self.document.width = text,
            (None, ["annotation", "size", "height"]) => self.document.height = text,
            (None, ["annotation", "object", rest @ ..]) => {
                let pose = rest == ["pose"] && !matches!(text.as_str(), "" | "Unspecified");
                if let Some(object) = self.document.objects.last_mut() {
                    object.set(rest, text);
                    let line = object.line;
                    if pose {
                        let unread = &mut self.document.unread;
                        unread.entry("object/pose".into()).or_insert((0, line)).0 += 1;
                    }
                }
            }
            _ => {}
        }
        self.open.pop();
    }

    fn characters(&mut self, text: &str, at: u64) -> Result<(), Malformed> {
        if self.open.is_empty() && !text.trim().is_empty() {
            let at = at + (text.len() - text.trim_start().len()) as u64;
            return Err(self.wrong(at, "text stands outside of the document".into()));
        }
        self.take(text, at)
    }

    /// Keeps text of an element that is read.
    fn take(&mut self, text: &str, at: u64) -> Result<(), Malformed> {
        if self.unread.is_some() {
            return Ok(());
        }
        if self.text.len() + text.len() > TEXT_BYTES && !text.trim().is_empty() {
            let name = self.open.last().cloned().unwrap_or_default();
            let why = format!("<{name}> holds more than {TEXT_BYTES} bytes of text");
            return Err(self.wrong(at, why));
        }
        self.text.push_str(text);
        Ok(())
    }

    fn reference(&mut self, reference: &BytesRef<'_>, at: u64) -> Result<(), Malformed> {
        let name: &str = reference;
        match reference.resolve_char_ref() {
            Ok(Some(character)) => self.take(character.encode_utf8(&mut [0; 4]), at),
            Ok(None) => match resolve_predefined_entity(name) {
                Some(text) => self.take(text, at),
                None => Err(self.wrong(at, format!("the entity `&{name:.64};` is not known"))),
            },
            Err(_) => Err(self.wrong(at, format!("`&{name:.64};` is not a character"))),
        }
    }
}

impl Object {
    fn set(&mut self, path: &[&str], text: String) {
        let (slot, name) = match path {
            ["name"] => (&mut self.name, "name"),
            ["truncated"] => (&mut self.truncated, "truncated"),
            ["occluded"] => (&mut self.occluded, "occluded"),
            ["difficult"] => (&mut self.difficult, "difficult"),
            ["bndbox", corner] => match CORNERS.iter().position(|name| name == corner) {
                Some(at) => (&mut self.corners[at], CORNERS[at]),
                None => return,
            },
            _ => return,
        };
        if slot.replace(text).is_some() {
            self.twice = Some(name);
        }
    }
}
