//! What the web engine would ask of the desktop by itself: its own menu (save, copy, search the web), a
//! file chooser, which would write the desktop's list of recent files, notifications, cameras and the
//! like. The program needs none of it, so none of it is given.

use webkit2gtk::{FileChooserRequestExt as _, PermissionRequestExt as _, WebView, WebViewExt as _};

pub(super) fn guard(view: &WebView) {
    // `true` says each time that it has been dealt with.
    view.connect_context_menu(|_, _, _, _| true);
    view.connect_run_file_chooser(|_, request| {
        request.cancel();
        true
    });
    view.connect_show_notification(|_, _| true);
    view.connect_permission_request(|_, request| {
        request.deny();
        true
    });
}
