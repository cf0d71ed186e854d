//! How precise a hand is: distances in CSS pixels, the same at every zoom.

/** How near the pointer must come to a handle, an edge or a point. */
export const GRAB = 7;

/** How far the pointer moves before a press is a drag. */
export const DRAG_START = 3;

/** The distance between two vertices drawn freehand. */
export const FREEHAND_STEP = 6;
