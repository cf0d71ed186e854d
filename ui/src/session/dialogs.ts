//! Whether keys belong to something that lies over the screen.

/** Whether a dialog or a menu is open; one that is on its way out no longer takes keys. */
export function inDialog(): boolean {
  return document.querySelector("[role='dialog'][data-state='open'],[role='menu'][data-state='open']") !== null;
}
