//! Colours and sizes, handed in by the owner from its design tokens: the editor has none of its own.

/** Colours as CSS strings, sizes in CSS pixels. */
export interface EditorTheme {
  /** Around the image. */
  readonly background: string;
  readonly selection: string;
  readonly hover: string;
  readonly handleFill: string;
  readonly handleStroke: string;
  /** The handle that keys move. */
  readonly handleActive: string;
  /** What is being drawn while no label is chosen. */
  readonly preview: string;
  readonly crosshair: string;
  readonly marqueeStroke: string;
  readonly marqueeFill: string;
  /** A line under lines, so that they show on any image. */
  readonly halo: string;
  /** Annotations whose label is unknown. */
  readonly unlabelled: string;
  /** How opaque the inside of shapes is, from 0 to 1. */
  readonly fillOpacity: number;
  readonly strokeWidth: number;
  readonly handleSize: number;
}

/** A label as the canvas shows it. */
export interface LabelStyle {
  readonly id: string;
  readonly name: string;
  /** A CSS colour. */
  readonly color: string;
  /** The digit that chooses it together with Ctrl; without one, its place in the list counts. */
  readonly key?: string;
}
