//! Random gestures, undo, redo and restarts against a naive model that keeps whole states.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use vaultmark_model::change::{Edit, Part, Value};

use super::fixture::*;
use crate::project::Project;

const ITEMS: u32 = 3;
const LABELS: u32 = 3;
const ANNOTATIONS: u32 = 6;

#[derive(Debug, Clone, PartialEq, Default)]
struct Item {
    present: bool,
    done: bool,
    note: String,
}

#[derive(Debug, Clone, PartialEq)]
struct Label {
    present: bool,
    name: String,
}

#[derive(Debug, Clone, PartialEq)]
struct Annotation {
    present: bool,
    item: u32,
    label: u32,
    x: f64,
    note: String,
    locked: bool,
    hidden: bool,
}

#[derive(Debug, Clone, PartialEq, Default)]
struct State {
    items: BTreeMap<u32, Item>,
    labels: BTreeMap<u32, Label>,
    annotations: BTreeMap<u32, Annotation>,
}

#[derive(Debug, Clone)]
enum Op {
    Annotate(u32, u32, u32),
    Move(u32, u8),
    Relabel(u32, u32),
    Note(u32, u8),
    Lock(u32, bool),
    Hide(u32, bool),
    Annotation(u32, bool),
    Rename(u32, u8),
    Label(u32, bool),
    Done(u32, bool),
    ItemNote(u32, u8),
    Item(u32, bool),
}

#[derive(Debug, Clone)]
enum Step {
    Commit(Vec<Op>),
    Batch(Vec<Op>),
    Undo,
    Redo,
    Reopen,
}

fn ops() -> impl Strategy<Value = Op> {
    let (item, label, annotation) = (0..ITEMS, 0..LABELS, 0..ANNOTATIONS);
    prop_oneof![
        4 => (annotation.clone(), item.clone(), label.clone()).prop_map(|(a, i, l)| Op::Annotate(a, i, l)),
        4 => (annotation.clone(), any::<u8>()).prop_map(|(a, x)| Op::Move(a, x)),
        2 => (annotation.clone(), label.clone()).prop_map(|(a, l)| Op::Relabel(a, l)),
        2 => (annotation.clone(), 0_u8..3).prop_map(|(a, n)| Op::Note(a, n)),
        1 => (annotation.clone(), any::<bool>()).prop_map(|(a, on)| Op::Lock(a, on)),
        1 => (annotation.clone(), any::<bool>()).prop_map(|(a, on)| Op::Hide(a, on)),
        3 => (annotation, any::<bool>()).prop_map(|(a, on)| Op::Annotation(a, on)),
        1 => (label.clone(), 0_u8..4).prop_map(|(l, n)| Op::Rename(l, n)),
        1 => (label, any::<bool>()).prop_map(|(l, on)| Op::Label(l, on)),
        1 => (item.clone(), any::<bool>()).prop_map(|(i, on)| Op::Done(i, on)),
        1 => (item.clone(), 0_u8..3).prop_map(|(i, n)| Op::ItemNote(i, n)),
        1 => (item, any::<bool>()).prop_map(|(i, on)| Op::Item(i, on)),
    ]
}

fn steps() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => prop::collection::vec(ops(), 1..4).prop_map(Step::Commit),
        2 => prop::collection::vec(ops(), 1..12).prop_map(Step::Batch),
        4 => Just(Step::Undo),
        3 => Just(Step::Redo),
        1 => Just(Step::Reopen),
    ]
}

fn note(n: u8) -> String {
    ["", "one", "two"][usize::from(n)].into()
}

fn name(n: u8) -> String {
    format!("label {n}")
}

fn edit(op: &Op) -> Edit {
    let flag = Value::Flag;
    match op {
        Op::Annotate(a, i, l) => annotation(*a, *i, *l),
        Op::Move(a, x) => on_annotation(*a, Part::Geometry, Value::Shape(shape(f64::from(*x)))),
        Op::Relabel(a, l) => on_annotation(*a, Part::Label, Value::LabelRef(label_id(*l))),
        Op::Note(a, n) => on_annotation(*a, Part::Note, Value::Text(note(*n))),
        Op::Lock(a, on) => on_annotation(*a, Part::Locked, flag(*on)),
        Op::Hide(a, on) => on_annotation(*a, Part::Hidden, flag(*on)),
        Op::Annotation(a, on) => on_annotation(*a, Part::Presence, flag(*on)),
        Op::Rename(l, n) => on_label(*l, Part::Name, Value::Text(name(*n))),
        Op::Label(l, on) => on_label(*l, Part::Presence, flag(*on)),
        Op::Done(i, on) => on_item(*i, Part::Done, flag(*on)),
        Op::ItemNote(i, n) => on_item(*i, Part::Note, Value::Text(note(*n))),
        Op::Item(i, on) => on_item(*i, Part::Presence, flag(*on)),
    }
}

impl State {
    fn start() -> Self {
        let item = Item { present: true, ..Item::default() };
        let label = |n: u32| Label { present: true, name: format!("start {n}") };
        Self {
            items: (0..ITEMS).map(|n| (n, item.clone())).collect(),
            labels: (0..LABELS).map(|n| (n, label(n))).collect(),
            annotations: BTreeMap::new(),
        }
    }

    /// Applies an edit, or says that it is refused.
    fn apply(&mut self, op: &Op) -> Option<()> {
        let item_is = |s: &Self, n: &u32| s.items[n].present;
        let label_is = |s: &Self, n: &u32| s.labels[n].present;
        match op {
            Op::Annotate(a, i, l) => {
                let free = !self.annotations.contains_key(a);
                (free && item_is(self, i) && label_is(self, l)).then_some(())?;
                let one = Annotation {
                    present: true,
                    item: *i,
                    label: *l,
                    x: f64::from(*a),
                    note: String::new(),
                    locked: false,
                    hidden: false,
                };
                self.annotations.insert(*a, one);
            }
            Op::Move(a, x) => self.unlocked(a)?.x = f64::from(*x),
            Op::Relabel(a, l) => {
                label_is(self, l).then_some(())?;
                self.unlocked(a)?.label = *l;
            }
            Op::Note(a, n) => self.there(a)?.note = note(*n),
            Op::Lock(a, on) => self.there(a)?.locked = *on,
            Op::Hide(a, on) => self.there(a)?.hidden = *on,
            Op::Annotation(a, false) => self.unlocked(a)?.present = false,
            Op::Annotation(a, true) => {
                let one = self.annotations.get(a).filter(|one| !one.present)?;
                (item_is(self, &one.item) && label_is(self, &one.label)).then_some(())?;
                self.annotations.get_mut(a)?.present = true;
            }
            Op::Rename(l, n) => {
                (label_is(self, l) && self.is_free(*l, &name(*n))).then_some(())?;
                self.labels.get_mut(l)?.name = name(*n);
            }
            Op::Label(l, on) => {
                let used = self.annotations.values().any(|a| a.present && a.label == *l);
                let name = self.labels[l].name.clone();
                let fine = if *on { self.is_free(*l, &name) } else { !used };
                (label_is(self, l) != *on && fine).then_some(())?;
                self.labels.get_mut(l)?.present = *on;
            }
            Op::Done(i, on) => self.items.get_mut(i).filter(|i| i.present)?.done = *on,
            Op::ItemNote(i, n) => self.items.get_mut(i).filter(|i| i.present)?.note = note(*n),
            Op::Item(i, on) => {
                let used = self.annotations.values().any(|a| a.present && a.item == *i);
                (item_is(self, i) != *on && (*on || !used)).then_some(())?;
                self.items.get_mut(i)?.present = *on;
            }
        }
        Some(())
    }

    fn there(&mut self, a: &u32) -> Option<&mut Annotation> {
        self.annotations.get_mut(a).filter(|one| one.present)
    }

    fn unlocked(&mut self, a: &u32) -> Option<&mut Annotation> {
        self.there(a).filter(|one| !one.locked)
    }

    fn is_free(&self, label: u32, name: &str) -> bool {
        !self.labels.iter().any(|(n, l)| *n != label && l.present && l.name == name)
    }
}

/// What the project shows, as the model would have it.
fn compare(project: &Project, state: &State) {
    let labels: BTreeMap<_, _> =
        project.labels().unwrap().into_iter().map(|l| (l.id, l.name)).collect();
    let counts = project.label_counts().unwrap();
    let present = state.labels.iter().filter(|(_, l)| l.present);
    let expected: BTreeMap<_, _> = present.map(|(n, l)| (label_id(*n), l.name.clone())).collect();
    assert_eq!(labels, expected);
    for n in 0..LABELS {
        let used = state.annotations.values().filter(|a| a.present && a.label == n).count() as u64;
        assert_eq!(counts.get(&label_id(n)).copied().unwrap_or(0), used);
    }
    for (n, item) in &state.items {
        let found = project.item(item_id(*n)).unwrap();
        let found = found.map(|i| Item { present: true, done: i.done, note: i.note });
        assert_eq!(found, item.present.then(|| item.clone()));
        let annotations: BTreeMap<_, _> =
            project.annotations(item_id(*n)).unwrap().into_iter().map(|a| (a.id, a)).collect();
        let on_it = state.annotations.iter().filter(|(_, a)| a.present && a.item == *n);
        let expected: BTreeMap<_, _> = on_it.map(|(n, a)| (annotation_id(*n), a)).collect();
        assert!(annotations.keys().eq(expected.keys()));
        for (id, one) in expected {
            let found = &annotations[&id];
            assert_eq!(found.label, label_id(one.label));
            assert_eq!(found.shape, shape(one.x));
            assert_eq!(
                (&found.note, found.locked, found.hidden),
                (&one.note, one.locked, one.hidden)
            );
        }
    }
}

fn run(steps: Vec<Step>) {
    let folder = folder();
    let mut project = make(folder.path(), 1, 1);
    join(&project, 2);
    let mut edits: Vec<_> = (0..ITEMS).map(|n| item(n, &format!("{n}.png"))).collect();
    edits.extend((0..LABELS).map(|n| label(n, &format!("start {n}"))));
    // By somebody else, so that it is not this person's to undo.
    drop(project);
    project = reopen(folder.path(), 1, 2).unwrap();
    project.commit("set up", edits).unwrap();
    drop(project);
    project = reopen(folder.path(), 1, 1).unwrap();

    let mut state = State::start();
    let (mut undo, mut redo): (Vec<State>, Vec<State>) = (vec![], vec![]);
    for step in steps {
        match step {
            Step::Commit(ops) => {
                let mut next = state.clone();
                let accepted = ops.iter().try_for_each(|op| next.apply(op).ok_or(())).is_ok();
                let done = project.commit("gesture", ops.iter().map(edit).collect());
                assert_eq!(done.is_ok(), accepted, "{ops:?} {done:?}");
                if accepted {
                    undo.push(std::mem::replace(&mut state, next));
                    redo.clear();
                }
            }
            Step::Batch(ops) => {
                let mut next = state.clone();
                let mut batch = project.batch("batch").unwrap();
                for op in &ops {
                    let accepted = next.apply(op).is_some();
                    let pushed = batch.push(edit(op));
                    assert_eq!(pushed.is_ok(), accepted, "{op:?} {pushed:?}");
                }
                if batch.is_empty() {
                    assert!(batch.finish().is_err());
                } else {
                    batch.finish().unwrap();
                    undo.push(std::mem::replace(&mut state, next));
                    redo.clear();
                }
            }
            Step::Undo => match undo.pop() {
                Some(before) => {
                    let undone = project.undo().unwrap();
                    assert_eq!(undone.exceptions, []);
                    redo.push(std::mem::replace(&mut state, before));
                }
                None => assert!(project.undo().is_err()),
            },
            Step::Redo => match redo.pop() {
                Some(after) => {
                    assert_eq!(project.redo().unwrap().exceptions, []);
                    undo.push(std::mem::replace(&mut state, after));
                }
                None => assert!(project.redo().is_err()),
            },
            Step::Reopen => {
                drop(project);
                project = reopen(folder.path(), 1, 1).unwrap();
            }
        }
        let shown = project.undo_state().unwrap();
        assert_eq!(
            (shown.undo.is_some(), shown.redo.is_some()),
            (!undo.is_empty(), !redo.is_empty())
        );
        forget_undone(&mut state, &redo);
        compare(&project, &state);
    }
    assert_whole(&project);
}

/// An annotation whose creation was taken back is still known: its identifier is not free again.
fn forget_undone(state: &mut State, redo: &[State]) {
    // The newest first: what it was right before it went away.
    for other in redo.iter().rev() {
        for (n, one) in &other.annotations {
            state
                .annotations
                .entry(*n)
                .or_insert_with(|| Annotation { present: false, ..one.clone() });
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 48,
        rng_seed: RngSeed::Fixed(7),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_course_of_gestures_equals_the_model(steps in prop::collection::vec(steps(), 1..25)) {
        run(steps);
    }
}
