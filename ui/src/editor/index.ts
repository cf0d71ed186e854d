//! The annotation editor: a library in plain TypeScript. Its owner imports from here only.

export { Editor } from "./editor.ts";
export type { EditorEvents, EditorOptions, Habits } from "./editor.ts";

export { FLAG_PARTS } from "./document/annotation.ts";
export type { Annotation, FlagPart } from "./document/annotation.ts";
export type { Change, ChangeKind, Edit } from "./document/change.ts";
export type { DocumentReader, EditorItem, RemoteDiff } from "./document/document.ts";

export type { Point, Rect, Size, XY } from "./geometry/plane.ts";
export { KIND_NAMES, kindOf, shapeFromIpc, shapeToIpc, ShapeError } from "./shapes/index.ts";
export type { Figure, KindName, Shape } from "./shapes/index.ts";

export { TOOL_IDS, toolById } from "./tools/index.ts";
export type { Complaint, ToolId } from "./tools/index.ts";

export type { EditorTheme, LabelStyle } from "./view/theme.ts";
export type { TileFailure } from "./view/tile-cache.ts";
export type { TileImage, TileSource } from "./view/tiles.ts";
export type { Viewport } from "./view/viewport.ts";
export type { AnnotationFilter } from "./workbench/visibility.ts";

export { COMMANDS, commandById } from "./commands/catalogue.ts";
export type { CommandGroup, CommandInfo } from "./commands/catalogue.ts";
export { labelOfDigit } from "./commands/objects.ts";
export { isEditorCommand } from "./commands/run.ts";

export { chordsFor, KeymapError, parseKeymap, rebind } from "./keymap/keymap.ts";
export type { Binding, BindingPlace, Keymap } from "./keymap/keymap.ts";
export { chordOf, formatChord, parseChord } from "./keymap/chord.ts";
export { findConflicts } from "./keymap/conflicts.ts";
export type { Conflict } from "./keymap/conflicts.ts";
export { resolve, takesText } from "./keymap/resolve.ts";
export type { KeyContext } from "./keymap/resolve.ts";
export { loadKeymap, PRESET_IDS } from "./keymap/presets.ts";
export type { PresetId } from "./keymap/presets.ts";
