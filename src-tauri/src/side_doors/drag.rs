//! Dragging text into other programs: stopped as it begins, unless the policy allows it;
//! and what asks for the data of such a drag all the same gets none.

use std::cell::Cell;
use std::rc::Rc;

use gtk::glib;
use gtk::prelude::*;
use vaultmark::journeys::side_doors;
use webkit2gtk::WebView;

use crate::shell::Shell;

/// The number of bits of a byte, as the toolkit's selections count.
const BYTES: i32 = 8;

pub(super) fn guard(view: &WebView, shell: &Shell) {
    let shell = shell.clone();
    let allowed = Rc::new(Cell::new(false));
    let begun = Rc::clone(&allowed);
    view.connect_drag_begin(move |_, drag| {
        // While no vault is open there is no policy that could allow it.
        begun.set(shell.session().is_ok_and(|session| side_doors::drag(&session).is_ok()));
        if !begun.get() {
            // The toolkit is still in the middle of beginning it.
            let drag = drag.clone();
            glib::idle_add_local_once(move || drag.drag_cancel());
        }
    });
    // After the engine's own answer, which it takes the place of.
    view.connect_drag_data_get(move |_, _, data, _, _| {
        if !allowed.get() {
            data.set(&data.target(), BYTES, &[]);
        }
    });
}
