//! The registry of tools.

import * as registered from "./registered.ts";
import type { Tool } from "./tool.ts";

export type {
  Complaint,
  Modifiers,
  Preview,
  PreviewShape,
  Step,
  Tool,
  ToolEvent,
  ToolView,
  ViewMove,
} from "./tool.ts";

/** The name of a registered tool. */
export type ToolId = keyof typeof registered;

/** A tool whose state only itself understands. */
export type AnyTool = Tool<unknown>;

// Each tool only ever receives states that it returned: the editor keeps tool and state together.
const tools = registered as unknown as Readonly<Record<ToolId, AnyTool>>;

/** The names of all registered tools. */
export const TOOL_IDS = Object.keys(tools) as readonly ToolId[];

/** The tool of that name. */
export function toolById(id: ToolId): AnyTool {
  return tools[id];
}
