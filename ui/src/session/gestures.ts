//! What the gestures of the history are called.

import { t, tOr } from "../i18n/index.ts";

/** A gesture's name; an import of annotations brings its format along. */
export function gestureName(gesture: string): string {
  const format = /^annotations import (.+)$/.exec(gesture)?.[1];
  if (format) return t("gesture-annotations-import", { format });
  return tOr(`gesture-${gesture}`, gesture);
}
