//! Dragging text and pictures into other programs: stopped as it begins, unless the policy allows it.

use gtk::prelude::*;
use vaultmark::journeys::side_doors;
use webkit2gtk::WebView;

use crate::shell::Shell;

pub(super) fn guard(view: &WebView, shell: &Shell) {
    let shell = shell.clone();
    view.connect_drag_begin(move |_, drag| {
        // While no vault is open there is no policy that could allow it.
        let allowed = shell.session().is_ok_and(|session| side_doors::drag(&session).is_ok());
        if !allowed {
            drag.drag_cancel();
        }
    });
}
