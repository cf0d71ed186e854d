//! Drawing a chain of vertices, the gesture that polygon and polyline share. Clicks place
//! vertices, Shift+drag draws freehand, a right click takes the last one back; Enter, N or a
//! double click finishes, and so does a click on the first vertex of what closes.

import { clampToImage, distance, type Point, type XY } from "../geometry/plane.ts";
import { withoutRepeats } from "../geometry/segments.ts";
import { kindOf, type Shape } from "../shapes/index.ts";
import { createDraft } from "./create.ts";
import { DRAG_START, FREEHAND_STEP, GRAB } from "./metrics.ts";
import type { PointerPlace, Preview, Step, Tool, ToolEvent, ToolView } from "./tool.ts";

/** Vertices so far, the pointer, and whether it is drawing freehand. */
export interface ChainState {
  readonly points: readonly Point[];
  readonly pointer: Point | null;
  readonly freehand: boolean;
}

/** How a chain becomes a shape. */
export interface ChainSpec {
  readonly id: string;
  readonly titleKey: string;
  /** The fewest vertices of the shape. */
  readonly least: number;
  /** Whether the last vertex joins the first. */
  readonly closes: boolean;
  shapeOf(points: readonly XY[]): Shape;
  /** What to show of fewer vertices than the shape needs. */
  lineOf(points: readonly XY[]): Shape;
}

const IDLE: ChainState = { points: [], pointer: null, freehand: false };

/** The tool that draws such chains. */
export function chainTool(spec: ChainSpec): Tool<ChainState> {
  return {
    id: spec.id,
    titleKey: spec.titleKey,
    draws: true,
    initial: IDLE,
    cursor: "crosshair",
    isBusy: (state) => state.points.length > 0,
    step: (state, event, view) => step(spec, state, event, view),
  };
}

function step(
  spec: ChainSpec,
  state: ChainState,
  event: ToolEvent,
  view: ToolView,
): Step<ChainState> {
  switch (event.type) {
    case "down":
      if (event.button === 2) return withoutLast(spec, state, view);
      if (event.button !== 0) return shown(spec, state, view);
      return press(spec, state, event, view);
    case "move":
      return move(spec, state, event, view);
    case "up":
      return shown(spec, { ...state, freehand: false }, view);
    case "leave":
      return shown(spec, { ...state, pointer: null }, view);
    case "double":
    case "finish":
      if (state.points.length === 0) return { state, unused: true };
      return finish(spec, state, view);
    case "removePoint":
      if (state.points.length === 0) return { state, unused: true };
      return withoutLast(spec, state, view);
    case "cancel":
      return state.points.length === 0 ? { state: IDLE, unused: true } : { state: IDLE };
    default:
      return { ...shown(spec, state, view), unused: true };
  }
}

function press(
  spec: ChainSpec,
  state: ChainState,
  event: PointerPlace,
  view: ToolView,
): Step<ChainState> {
  if (view.readOnly) return { state: IDLE, complaint: "read-only" };
  if (view.label === null) return { state: IDLE, complaint: "no-label" };
  const at = clampToImage(event.at, view.document.item);
  if (spec.closes && state.points.length >= spec.least && touchesFirst(state, at, view)) {
    return finish(spec, state, view);
  }
  // The second click of a double click lands on the first: it places nothing.
  const points = isNearLast(state, at, view, DRAG_START) ? state.points : [...state.points, at];
  return shown(spec, { points, pointer: at, freehand: event.shift }, view);
}

function move(
  spec: ChainSpec,
  state: ChainState,
  event: PointerPlace,
  view: ToolView,
): Step<ChainState> {
  const at = clampToImage(event.at, view.document.item);
  const places = state.freehand && !isNearLast(state, at, view, FREEHAND_STEP);
  const points = places ? [...state.points, at] : state.points;
  return shown(spec, { ...state, points, pointer: at }, view);
}

function withoutLast(spec: ChainSpec, state: ChainState, view: ToolView): Step<ChainState> {
  return shown(spec, { ...state, points: state.points.slice(0, -1), freehand: false }, view);
}

function finish(spec: ChainSpec, state: ChainState, view: ToolView): Step<ChainState> {
  const points = withoutRepeats(state.points.map(({ x, y }): XY => [x, y]));
  const [first, last] = [points[0], points.at(-1)];
  // Freehand often ends where it began.
  if (spec.closes && first && last && points.length > spec.least) {
    if (first[0] === last[0] && first[1] === last[1]) points.pop();
  }
  if (points.length < spec.least) {
    return { ...shown(spec, state, view), complaint: "too-few-vertices" };
  }
  const shape = spec.shapeOf(points);
  if (!kindOf(shape).isValid(shape)) {
    return { ...shown(spec, state, view), complaint: "no-extent" };
  }
  return { state: IDLE, ...createDraft(view, shape) };
}

function shown(spec: ChainSpec, state: ChainState, view: ToolView): Step<ChainState> {
  if (state.points.length === 0) return { state };
  const points = state.pointer ? [...state.points, state.pointer] : state.points;
  const chain = points.map(({ x, y }): XY => [x, y]);
  const enough = chain.length >= spec.least;
  const preview: Preview = {
    shapes: [
      { id: null, labelId: view.label, shape: enough ? spec.shapeOf(chain) : spec.lineOf(chain) },
    ],
    points: state.points,
    closes: spec.closes && state.points.length >= spec.least,
  };
  return { state, preview };
}

function touchesFirst(state: ChainState, at: Point, view: ToolView): boolean {
  const first = state.points[0];
  return first !== undefined && distance(first, at) * view.scale <= GRAB;
}

function isNearLast(state: ChainState, at: Point, view: ToolView, within: number): boolean {
  const last = state.points.at(-1);
  return last !== undefined && distance(last, at) * view.scale < within;
}
