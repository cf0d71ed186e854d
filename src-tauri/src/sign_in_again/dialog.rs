//! The window that asks, of the toolkit's own parts.

use std::cell::{Cell, RefCell};

use gtk::prelude::*;
use gtk::{Align, Orientation, ResponseType, gdk, glib, pango};
use vaultmark::crypto::Passphrase;

use super::{Facts, Question};
use crate::arguments::PASSPHRASE;
use crate::idle::input;
use crate::shell::Shell;
use crate::toolkit;

/// The window's title.
const TITLE: &str = "Sign in again";
/// Its class in style sheets.
const SCALED: &str = "signs-in-again";
/// Why it is there.
const WHY: &str = "This leaves the vault, signed by you. Compare it with what you want to send.";
/// Its width, and the most height of its facts before they scroll, in logical pixels.
const WIDTH: i32 = 600;
const FACTS_HEIGHT: i32 = 360;
/// The least width of what is said, in letters of the ordinary size.
const VALUE_WIDTH: u32 = 56;
/// Between its parts and around them, in logical pixels.
const SPACE: i32 = 12;
const MARGIN: i32 = 18;

thread_local! {
    // GTK lives on one thread.
    /// Whether one is open: there is one at a time.
    static OPEN: Cell<bool> = const { Cell::new(false) };
}

/// One that is open. Ends with the window that asks, whatever ends that.
struct Asking;

impl Asking {
    /// None where there is one.
    fn begin() -> Option<Self> {
        (!OPEN.replace(true)).then_some(Self)
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        OPEN.set(false);
    }
}

/// Asks, over the window; declines for the person where the session is over or somebody is being asked.
pub(crate) fn ask(question: Question, shell: &Shell) {
    let shell = shell.clone();
    glib::idle_add_once(move || match Asking::begin().filter(|_| question.is_alive()) {
        Some(asking) => open(question, asking, &shell),
        None => question.answer(None),
    });
}

fn open(question: Question, asking: Asking, shell: &Shell) {
    let parent = toolkit::window();
    let dialog = gtk::Dialog::with_buttons(
        Some(TITLE),
        parent.as_ref(),
        gtk::DialogFlags::MODAL | gtk::DialogFlags::DESTROY_WITH_PARENT,
        &[("_Cancel", ResponseType::Cancel), (question.facts.consent, ResponseType::Accept)],
    );
    let percent = shell.look().map_or(100, |look| look.percent);
    dialog.set_default_size(WIDTH, -1);
    enlarge(&dialog, percent);
    dialog.set_default_response(ResponseType::Accept);
    dialog.set_response_sensitive(ResponseType::Accept, false);
    let entry = passphrase(&dialog);
    lay_out(&dialog, &question, &entry, percent);
    input::hear_widget(&dialog, shell);
    take_only_what_is_its_own(&dialog);

    let asked = RefCell::new(Some((question, asking)));
    dialog.connect_response(move |dialog, response| {
        // Closing answers once more, and then there is nothing left to answer.
        if let Some((question, _asking)) = asked.take() {
            question.answer((response == ResponseType::Accept).then(|| taken(&entry)));
            dialog.close();
        }
    });
    dialog.show_all();
    dialog.present();
}

/// Gives its words the window's scale, which is the page's and not the toolkit's.
fn enlarge(dialog: &gtk::Dialog, percent: u32) {
    dialog.style_context().add_class(SCALED);
    let words = gtk::CssProvider::new();
    let (whole, part) = (percent / 100, percent % 100);
    let rule = format!(".{SCALED} label, .{SCALED} entry {{ font-size: {whole}.{part:02}em; }}");
    // A rule of our own always parses.
    if words.load_from_data(rule.as_bytes()).is_ok()
        && let Some(screen) = gdk::Screen::default()
    {
        let ours = gtk::STYLE_PROVIDER_PRIORITY_APPLICATION;
        gtk::StyleContext::add_provider_for_screen(&screen, &words, ours);
    }
}

/// Stops keys and clicks that were another window's. The toolkit gives those of the whole program to a
/// window that wants an answer, and the web engine hands keys back to the toolkit that a page has left
/// alone, when the page likes: it could keep a passphrase back that was typed to it, ask, and type.
fn take_only_what_is_its_own(dialog: &gtk::Dialog) {
    dialog.connect_event(|dialog, event| {
        let is_own = |window: gdk::Window| Some(window.toplevel()) == dialog.window();
        let is_input = matches!(
            event.event_type(),
            gdk::EventType::KeyPress
                | gdk::EventType::KeyRelease
                | gdk::EventType::ButtonPress
                | gdk::EventType::ButtonRelease
        );
        if is_input && !event.window().is_some_and(is_own) {
            glib::Propagation::Stop
        } else {
            glib::Propagation::Proceed
        }
    });
}

/// The field, which consents by Enter once something is in it.
fn passphrase(dialog: &gtk::Dialog) -> gtk::Entry {
    let entry = gtk::Entry::new();
    entry.set_visibility(false);
    entry.set_input_purpose(gtk::InputPurpose::Password);
    entry.set_activates_default(true);
    entry.set_max_length(PASSPHRASE as i32);
    entry.set_hexpand(true);
    let dialog = dialog.downgrade();
    entry.connect_changed(move |entry| {
        if let Some(dialog) = dialog.upgrade() {
            dialog.set_response_sensitive(ResponseType::Accept, entry.text_length() > 0);
        }
    });
    entry
}

fn lay_out(dialog: &gtk::Dialog, question: &Question, entry: &gtk::Entry, percent: u32) {
    let content = dialog.content_area();
    content.set_spacing(SPACE);
    content.set_border_width(MARGIN as u32);
    content.add(&text(WHY));
    content.add(&facts(&question.facts, percent));
    let field = gtk::Box::new(Orientation::Horizontal, SPACE);
    let name = gtk::Label::with_mnemonic("Your _passphrase");
    name.set_mnemonic_widget(Some(entry));
    field.add(&name);
    field.add(entry);
    if let Some(complaint) = &question.complaint {
        let label = text(complaint);
        // The toolkit's red can hardly be read on its dark ground.
        let bold = pango::AttrList::new();
        bold.insert(pango::AttrInt::new_weight(pango::Weight::Bold));
        label.set_attributes(Some(&bold));
        content.add(&label);
    }
    content.add(&field);
    entry.grab_focus();
}

/// The facts in two columns; they scroll where there are many words.
fn facts(facts: &Facts, percent: u32) -> gtk::ScrolledWindow {
    let grid = gtk::Grid::new();
    grid.set_column_spacing(MARGIN as u32);
    grid.set_row_spacing(SPACE as u32 / 2);
    for (row, (name, value)) in (0..).zip(&facts.lines) {
        let name = text(name);
        name.set_line_wrap(false);
        name.set_valign(Align::Start);
        let value = text(value);
        // Its lines are reckoned by its least width, not by a word's.
        value.set_width_chars((VALUE_WIDTH * 100 / percent.max(100)) as i32);
        value.set_hexpand(true);
        grid.attach(&name, 0, row, 1, 1);
        grid.attach(&value, 1, row, 1, 1);
    }
    let scrolled = gtk::ScrolledWindow::builder()
        .hscrollbar_policy(gtk::PolicyType::Never)
        // Its bar is to be seen where there is more.
        .overlay_scrolling(false)
        .propagate_natural_height(true)
        .max_content_height(FACTS_HEIGHT)
        .build();
    scrolled.add(&grid);
    scrolled
}

/// Words as they stand, never as markup.
fn text(words: &str) -> gtk::Label {
    let label = gtk::Label::new(Some(words));
    label.set_line_wrap(true);
    label.set_line_wrap_mode(pango::WrapMode::WordChar);
    label.set_xalign(0.0);
    label.set_max_width_chars(60);
    label
}

/// What was typed, taken out of the field. A letter at a time: the toolkit's copies are not
/// overwritten, and so none holds it whole. What the field held the toolkit overwrites.
fn taken(entry: &gtk::Entry) -> Passphrase {
    let letters = 0..i32::from(entry.text_length());
    let mut typed = String::new();
    for letter in letters.filter_map(|n| entry.chars(n, n + 1)) {
        typed.push_str(&letter);
    }
    entry.set_text("");
    Passphrase::new(typed)
}
