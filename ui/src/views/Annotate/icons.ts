//! The pictures of tools and of the shapes that they draw; what has none shows the box's.

import CircleDot from "@lucide/svelte/icons/circle-dot";
import Hand from "@lucide/svelte/icons/hand";
import MousePointer2 from "@lucide/svelte/icons/mouse-pointer-2";
import Pentagon from "@lucide/svelte/icons/pentagon";
import Spline from "@lucide/svelte/icons/spline";
import Square from "@lucide/svelte/icons/square";

const ICONS: Readonly<Record<string, typeof Square>> = {
  select: MousePointer2,
  polygon: Pentagon,
  polyline: Spline,
  point: CircleDot,
  pan: Hand,
};

/** The picture of a tool or a shape by its name. */
export function iconOf(name: string): typeof Square {
  return ICONS[name] ?? Square;
}
