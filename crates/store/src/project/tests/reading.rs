//! Queries: filters, orders, pages, streams.

use std::collections::{HashMap, HashSet};

use vaultmark_model::change::{Part, Value};
use vaultmark_model::shape::Polygon;
use vaultmark_model::{Item, ItemPath, Shape};

use super::fixture::*;
use crate::StoreError;
use crate::project::{ItemQuery, ItemState, Project, Sort};

/// 60 items in three folders, annotated unevenly.
fn many(folder: &std::path::Path) -> Project {
    let project = make(folder, 1, 1);
    let mut batch = project.batch("import").unwrap();
    batch.push(label(0, "ship")).unwrap();
    batch.push(label(1, "pier")).unwrap();
    for n in 0..60 {
        let folder = ["", "harbour/", "harbour/north/"][n as usize % 3];
        batch.push(item(n, &format!("{folder}Img_{:02}.png", (n * 7) % 60))).unwrap();
    }
    for n in 0..90 {
        batch.push(annotation(n, (n * n) % 20, n % 2)).unwrap();
    }
    for n in [0, 3, 30] {
        batch.push(on_item(n, Part::Done, Value::Flag(true))).unwrap();
        batch.push(on_item(n + 1, Part::Flagged, Value::Flag(true))).unwrap();
    }
    batch.push(on_item(59, Part::Presence, Value::Flag(false))).unwrap();
    batch.finish().unwrap();
    project
}

/// Every item with its annotations' labels, by the plain way.
fn all(project: &Project) -> Vec<(Item, Vec<u32>)> {
    let mut items = Vec::new();
    project
        .each_item::<StoreError>(&mut |item| {
            items.push(item);
            Ok(())
        })
        .unwrap();
    items
        .into_iter()
        .map(|item| {
            let labels = project.annotations(item.id).unwrap();
            (item, labels.iter().map(|a| u32::from(a.label == label_id(1))).collect())
        })
        .collect()
}

#[test]
fn the_items_of_each_label_are_counted() {
    let folder = folder();
    let project = many(folder.path());
    let mut plain: HashMap<_, HashSet<_>> = HashMap::new();
    project
        .each_annotation::<StoreError>(&mut |_, _, annotation| {
            plain.entry(annotation.label).or_default().insert(annotation.item);
            Ok(())
        })
        .unwrap();
    let plain: HashMap<_, _> =
        plain.into_iter().map(|(label, items)| (label, items.len() as u64)).collect();
    assert_eq!(plain.len(), 2);
    assert_eq!(project.label_items().unwrap(), plain);
}

#[test]
fn every_query_equals_the_plain_way() {
    let folder = folder();
    let project = many(folder.path());
    let everything = all(&project);
    assert_eq!(everything.len(), 59);
    for text in [None, Some("img_1"), Some("NORTH"), Some("none")] {
        for label in [None, Some(0), Some(1)] {
            for below in [None, Some(""), Some("harbour"), Some("harbour/north"), Some("har")] {
                for state in [
                    None,
                    Some(ItemState::New),
                    Some(ItemState::InProgress),
                    Some(ItemState::Done),
                    Some(ItemState::Flagged),
                ] {
                    let query = ItemQuery {
                        text: text.map(Into::into),
                        label: label.map(label_id),
                        folder: below.map(Into::into),
                        state,
                        limit: 1000,
                        ..ItemQuery::default()
                    };
                    let expected: HashSet<_> = everything
                        .iter()
                        .filter(|(item, labels)| {
                            let path = item.body.path.display().to_lowercase();
                            let folder = item.body.path.folder();
                            text.is_none_or(|t| path.contains(&t.to_lowercase()))
                                && label.is_none_or(|l| labels.contains(&l))
                                && below.is_none_or(|b| {
                                    b.is_empty()
                                        || folder == b
                                        || folder.starts_with(&format!("{b}/"))
                                })
                                && match state {
                                    None => true,
                                    Some(ItemState::New) => !item.done && labels.is_empty(),
                                    Some(ItemState::InProgress) => !item.done && !labels.is_empty(),
                                    Some(ItemState::Done) => item.done,
                                    Some(ItemState::Flagged) => item.flagged,
                                }
                        })
                        .map(|(item, _)| item.id)
                        .collect();
                    let page = project.items(&query).unwrap();
                    assert_eq!(page.total, expected.len() as u64, "{query:?}");
                    let found: HashSet<_> = page.rows.iter().map(|row| row.item.id).collect();
                    assert_eq!(found, expected, "{query:?}");
                    let ids: Vec<_> = project.item_ids(&query).unwrap();
                    assert_eq!(ids, page.rows.iter().map(|r| r.item.id).collect::<Vec<_>>());
                }
            }
        }
    }
}

#[test]
fn pages_join_to_the_whole_in_every_order() {
    let folder = folder();
    let project = many(folder.path());
    for sort in [Sort::Path, Sort::Number, Sort::Annotations, Sort::Size] {
        for descending in [false, true] {
            let mut joined = Vec::new();
            for offset in (0..).step_by(7) {
                let query =
                    ItemQuery { sort, descending, offset, limit: 7, ..ItemQuery::default() };
                let page = project.items(&query).unwrap();
                assert_eq!(page.total, 59);
                if page.rows.is_empty() {
                    break;
                }
                joined.extend(page.rows);
            }
            assert_eq!(joined.len(), 59);
            let key = |row: &crate::project::ItemRow| match sort {
                Sort::Path => (0, row.item.body.path.as_bytes().to_vec()),
                Sort::Number => (u64::from(row.item.body.number), vec![]),
                Sort::Annotations => (u64::from(row.annotations), vec![]),
                Sort::Size => (row.item.body.size, vec![]),
            };
            let keys: Vec<_> = joined.iter().map(key).collect();
            let sorted =
                if descending { keys.is_sorted_by(|a, b| a >= b) } else { keys.is_sorted() };
            assert!(sorted, "{sort:?} {descending}");
        }
    }
}

#[test]
fn annotations_stream_in_the_order_of_an_export() {
    let folder = folder();
    let project = many(folder.path());
    let mut seen = Vec::new();
    project
        .each_annotation::<StoreError>(&mut |item, number, annotation| {
            seen.push((item, number, annotation));
            Ok(())
        })
        .unwrap();
    assert_eq!(seen.len(), 90);
    assert!(seen.is_sorted_by(|a, b| (a.0, a.1) < (b.0, b.1)));
    for (item, _, annotation) in &seen {
        assert_eq!(project.item(annotation.item).unwrap().unwrap().body.number, *item);
    }
    let numbers: HashSet<_> = seen.iter().map(|(_, number, _)| *number).collect();
    assert_eq!(numbers.len(), 90);

    // A caller that has enough ends it.
    let mut count = 0;
    let ended = project.each_annotation::<StoreError>(&mut |_, _, _| {
        count += 1;
        if count == 3 { Err(StoreError::Cancelled) } else { Ok(()) }
    });
    assert!(matches!(ended, Err(StoreError::Cancelled)) && count == 3);
}

#[test]
fn odd_names_are_kept_and_folders_counted() {
    let folder = folder();
    let project = make(folder.path(), 1, 1);
    let raw = ItemPath::new(b"x/\xff\xfe.png".to_vec()).unwrap();
    let mut odd = item(3, "odd");
    if let Value::Item(body) = &mut odd.value {
        body.path = raw.clone();
    }
    let edits = vec![item(0, "b.jpg"), item(1, "a/b.jpg"), item(2, "c/ab.jpg"), odd];
    project.commit("set up", edits).unwrap();
    assert_eq!(project.item(item_id(3)).unwrap().unwrap().body.path, raw);
    let folders = project.folders().unwrap();
    let names: Vec<_> = folders.listed.iter().map(|f| (f.path.as_str(), f.items)).collect();
    assert_eq!(names, [("", 1), ("a", 1), ("c", 1), ("x", 1)]);
    assert_eq!((folders.further, folders.items), (0, 4));
}

#[test]
fn readers_keep_their_snapshot() {
    let folder = folder();
    let project = small(folder.path(), 1, 1);
    let mut seen = 0;
    project
        .each_item::<StoreError>(&mut |_| {
            seen += 1;
            if seen == 1 {
                project.commit("more", vec![item(5, "later.png")])?;
            }
            Ok(())
        })
        .unwrap();
    assert_eq!(seen, 2);
    assert_eq!(project.counts().unwrap().items, 3);
}

#[test]
fn an_item_with_more_than_can_be_shown_is_refused_by_name_and_loses_nothing() {
    let folder = folder();
    let project = small(folder.path(), 1, 1);
    let mut batch = project.batch("annotations.import").unwrap();
    let outer: Vec<[f64; 2]> =
        (0..50_000).map(|n| [f64::from(n) + 0.5, f64::from(n % 2)]).collect();
    let polygon = Shape::Polygon(Polygon { outer, holes: Vec::new() });
    for n in 100..125 {
        let mut edit = annotation(n, 0, 0);
        if let Value::Annotation(body) = &mut edit.value {
            body.shape = polygon.clone();
        }
        batch.push(edit).unwrap();
    }
    batch.finish().unwrap();
    assert!(why(project.annotations(item_id(0))).contains("more than can be shown"));
    let mut seen = 0;
    project
        .each_annotation::<StoreError>(&mut |_, _, _| {
            seen += 1;
            Ok(())
        })
        .unwrap();
    assert!(seen >= 25);
    project.undo().unwrap();
    assert!(project.annotations(item_id(0)).is_ok());
}
