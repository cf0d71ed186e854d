//! Single records of a COCO file, parsed without trust: every key is checked for its type, none may
//! come twice, and what is not known is remembered by name.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor,
};

use crate::json::{explain, has_long_text, long_text};
use crate::limits::{RUNS, UNKNOWN_KEYS};

/// A record in the making.
pub(super) trait Record: Default {
    /// The keys that [`Record::field`] takes.
    const KEYS: &'static [&'static str];
    /// Takes the value of `KEYS[key]`.
    fn field<'de, A: MapAccess<'de>>(&mut self, key: usize, map: &mut A) -> Result<(), A::Error>;
    /// Hears of a key that is not known; its value is passed over.
    fn unknown(&mut self, key: String);
}

/// Parses a record; where that fails, what was read of it so far and the reason.
pub(super) fn parse<T: Record>(bytes: &[u8]) -> Result<T, (T, String)> {
    if has_long_text(bytes, b"\"counts\"") {
        return Err((T::default(), long_text()));
    }
    let mut seed = Seed { record: T::default(), at: None };
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let parsed = (&mut seed).deserialize(&mut deserializer).and_then(|()| deserializer.end());
    match (parsed, seed.at) {
        (Ok(()), _) => Ok(seed.record),
        (Err(error), Some(key)) => {
            let reason = format!("`{}`: {}", T::KEYS[key], explain(&error, bytes));
            Err((seed.record, reason))
        }
        (Err(error), None) => Err((seed.record, explain(&error, bytes))),
    }
}

struct Seed<T> {
    record: T,
    /// The key whose value is being read.
    at: Option<usize>,
}

impl<'de, T: Record> DeserializeSeed<'de> for &mut Seed<T> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, T: Record> Visitor<'de> for &mut Seed<T> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a record in braces")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut seen = 0_u32;
        while let Some(key) = map.next_key_seed(KeySeed::<T>(PhantomData))? {
            match key {
                Key::Known(key) => {
                    self.at = Some(key);
                    if seen & 1 << key != 0 {
                        return Err(A::Error::custom("the key stands there twice"));
                    }
                    seen |= 1 << key;
                    self.record.field(key, &mut map)?;
                    self.at = None;
                }
                Key::Unknown(key) => {
                    map.next_value::<IgnoredAny>()?;
                    self.record.unknown(key);
                }
            }
        }
        Ok(())
    }
}

enum Key {
    Known(usize),
    Unknown(String),
}

struct KeySeed<T>(PhantomData<T>);

impl<'de, T: Record> DeserializeSeed<'de> for KeySeed<T> {
    type Value = Key;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Key, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<T: Record> Visitor<'_> for KeySeed<T> {
    type Value = Key;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<Key, E> {
        Ok(match T::KEYS.iter().position(|key| *key == text) {
            Some(key) => Key::Known(key),
            None => Key::Unknown(text.chars().take(64).collect()),
        })
    }
}

/// An integer, also one that is written as a whole float; anything else is refused by its type.
pub(super) struct Integer(pub i128);

impl<'de> Deserialize<'de> for Integer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct V;
        impl Visitor<'_> for V {
            type Value = Integer;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an integer")
            }
            fn visit_u64<E: Error>(self, v: u64) -> Result<Integer, E> {
                Ok(Integer(v.into()))
            }
            fn visit_i64<E: Error>(self, v: i64) -> Result<Integer, E> {
                Ok(Integer(v.into()))
            }
            fn visit_f64<E: Error>(self, v: f64) -> Result<Integer, E> {
                // Up to 2^53 a whole float is exactly one integer.
                if v.fract() == 0.0 && v.abs() <= 9_007_199_254_740_992.0 {
                    return Ok(Integer(v as i128));
                }
                Err(E::custom(format_args!("{v} is not an integer of 64 bits")))
            }
        }
        deserializer.deserialize_any(V)
    }
}

/// A number; texts, booleans and null are refused by their type.
#[derive(Clone, Copy)]
pub(super) struct Number(pub f64);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct V;
        impl Visitor<'_> for V {
            type Value = Number;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number")
            }
            fn visit_u64<E: Error>(self, v: u64) -> Result<Number, E> {
                Ok(Number(v as f64))
            }
            fn visit_i64<E: Error>(self, v: i64) -> Result<Number, E> {
                Ok(Number(v as f64))
            }
            fn visit_f64<E: Error>(self, v: f64) -> Result<Number, E> {
                Ok(Number(v))
            }
        }
        deserializer.deserialize_any(V)
    }
}

/// `[x, y, width, height]`.
pub(super) struct FourNumbers(pub [f64; 4]);

impl<'de> Deserialize<'de> for FourNumbers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct V;
        impl<'de> Visitor<'de> for V {
            type Value = FourNumbers;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of four numbers")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<FourNumbers, A::Error> {
                let mut numbers = [0.0; 4];
                for (i, number) in numbers.iter_mut().enumerate() {
                    match seq.next_element::<Number>()? {
                        Some(Number(v)) => *number = v,
                        None => return Err(A::Error::invalid_length(i, &self)),
                    }
                }
                let mut more = 0;
                while seq.next_element::<IgnoredAny>()?.is_some() {
                    more += 1;
                }
                if more > 0 {
                    return Err(A::Error::invalid_length(4 + more, &self));
                }
                Ok(FourNumbers(numbers))
            }
        }
        deserializer.deserialize_seq(V)
    }
}

/// The value of `segmentation`.
#[derive(Default)]
pub(super) enum Segmentation {
    /// Missing, `null` or `[]`.
    #[default]
    None,
    /// Rings as flat lists of coordinates.
    Rings(Vec<Vec<Number>>),
    /// A run-length mask.
    Mask(RunLengths),
}

impl<'de> Deserialize<'de> for Segmentation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct V;
        impl<'de> Visitor<'de> for V {
            type Value = Segmentation;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of rings or a run-length mask")
            }
            fn visit_unit<E: Error>(self) -> Result<Segmentation, E> {
                Ok(Segmentation::None)
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Segmentation, A::Error> {
                let mut rings = Vec::new();
                while let Some(ring) = seq.next_element::<Vec<Number>>()? {
                    rings.push(ring);
                }
                Ok(if rings.is_empty() { Segmentation::None } else { Segmentation::Rings(rings) })
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Segmentation, A::Error> {
                let value = serde::de::value::MapAccessDeserializer::new(map);
                RunLengths::deserialize(value).map(Segmentation::Mask)
            }
        }
        deserializer.deserialize_any(V)
    }
}

/// `{size: [height, width], counts}`.
#[derive(serde::Deserialize)]
pub(super) struct RunLengths {
    pub size: [u64; 2],
    pub counts: Counts,
}

/// Run lengths as numbers or as COCO's compressed text.
pub(super) enum Counts {
    Plain(Vec<u64>),
    Text(String),
}

impl<'de> Deserialize<'de> for Counts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct V;
        impl<'de> Visitor<'de> for V {
            type Value = Counts;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of counts or a text")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Counts, E> {
                Ok(Counts::Text(text.to_owned()))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Counts, A::Error> {
                let mut counts = Vec::new();
                while let Some(count) = seq.next_element()? {
                    if counts.len() == RUNS {
                        return Err(A::Error::custom(format_args!("more than {RUNS} counts")));
                    }
                    counts.push(count);
                }
                Ok(Counts::Plain(counts))
            }
        }
        deserializer.deserialize_any(V)
    }
}

/// A text; anything else is passed over.
#[derive(Default)]
pub(super) struct TextOrNot(pub Option<String>);

impl<'de> Deserialize<'de> for TextOrNot {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct V;
        impl<'de> Visitor<'de> for V {
            type Value = TextOrNot;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("any value")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<TextOrNot, E> {
                Ok(TextOrNot(Some(text.to_owned())))
            }
            fn visit_bool<E: Error>(self, _: bool) -> Result<TextOrNot, E> {
                Ok(TextOrNot(None))
            }
            fn visit_u64<E: Error>(self, _: u64) -> Result<TextOrNot, E> {
                Ok(TextOrNot(None))
            }
            fn visit_i64<E: Error>(self, _: i64) -> Result<TextOrNot, E> {
                Ok(TextOrNot(None))
            }
            fn visit_f64<E: Error>(self, _: f64) -> Result<TextOrNot, E> {
                Ok(TextOrNot(None))
            }
            fn visit_unit<E: Error>(self) -> Result<TextOrNot, E> {
                Ok(TextOrNot(None))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<TextOrNot, A::Error> {
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(TextOrNot(None))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<TextOrNot, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(TextOrNot(None))
            }
        }
        deserializer.deserialize_any(V)
    }
}

/// Remembers the name of a key that is not known, where there is room for it.
fn remember(unknown: &mut Vec<String>, key: String) {
    if unknown.len() < UNKNOWN_KEYS {
        unknown.push(key);
    }
}

#[derive(Default)]
pub(super) struct AnnotationRecord {
    pub id: Option<i128>,
    pub image: Option<i128>,
    pub category: Option<i128>,
    pub bbox: Option<[f64; 4]>,
    pub segmentation: Segmentation,
    pub crowd: Option<i128>,
    /// It belongs to panoptic or captions, which say other things.
    pub is_panoptic: bool,
    pub is_caption: bool,
    pub unknown: Vec<String>,
}

impl Record for AnnotationRecord {
    const KEYS: &'static [&'static str] = &[
        "id",
        "image_id",
        "category_id",
        "bbox",
        "segmentation",
        "area",
        "iscrowd",
        "segments_info",
        "caption",
    ];

    fn field<'de, A: MapAccess<'de>>(&mut self, key: usize, map: &mut A) -> Result<(), A::Error> {
        match key {
            0 => self.id = Some(map.next_value::<Integer>()?.0),
            1 => self.image = Some(map.next_value::<Integer>()?.0),
            2 => self.category = Some(map.next_value::<Integer>()?.0),
            3 => self.bbox = map.next_value::<Option<FourNumbers>>()?.map(|four| four.0),
            4 => self.segmentation = map.next_value()?,
            6 => self.crowd = Some(map.next_value::<Integer>()?.0),
            // Areas are derived from the geometry.
            5 => drop(map.next_value::<IgnoredAny>()?),
            7 => {
                map.next_value::<IgnoredAny>()?;
                self.is_panoptic = true;
            }
            _ => {
                map.next_value::<IgnoredAny>()?;
                self.is_caption = true;
            }
        }
        Ok(())
    }

    fn unknown(&mut self, key: String) {
        remember(&mut self.unknown, key);
    }
}

#[derive(Default)]
pub(super) struct ImageRecord {
    pub id: Option<i128>,
    pub file_name: Option<String>,
    pub width: Option<i128>,
    pub height: Option<i128>,
    pub unknown: Vec<String>,
}

impl Record for ImageRecord {
    const KEYS: &'static [&'static str] = &["id", "file_name", "width", "height"];

    fn field<'de, A: MapAccess<'de>>(&mut self, key: usize, map: &mut A) -> Result<(), A::Error> {
        match key {
            0 => self.id = Some(map.next_value::<Integer>()?.0),
            1 => self.file_name = Some(map.next_value()?),
            2 => self.width = map.next_value::<Option<Integer>>()?.map(|v| v.0),
            _ => self.height = map.next_value::<Option<Integer>>()?.map(|v| v.0),
        }
        Ok(())
    }

    fn unknown(&mut self, key: String) {
        remember(&mut self.unknown, key);
    }
}

#[derive(Default)]
pub(super) struct CategoryRecord {
    pub id: Option<i128>,
    pub name: Option<String>,
    pub supercategory: String,
    pub color: Option<[u8; 3]>,
    pub unknown: Vec<String>,
}

impl Record for CategoryRecord {
    const KEYS: &'static [&'static str] = &["id", "name", "supercategory", "color"];

    fn field<'de, A: MapAccess<'de>>(&mut self, key: usize, map: &mut A) -> Result<(), A::Error> {
        match key {
            0 => self.id = Some(map.next_value::<Integer>()?.0),
            1 => self.name = Some(map.next_value()?),
            2 => self.supercategory = map.next_value::<TextOrNot>()?.0.unwrap_or_default(),
            _ => self.color = map.next_value()?,
        }
        Ok(())
    }

    fn unknown(&mut self, key: String) {
        remember(&mut self.unknown, key);
    }
}
