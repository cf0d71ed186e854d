//! The polyline tool.

import { chainTool } from "../chain-drawing.ts";

export const polyline = chainTool({
  id: "polyline",
  titleKey: "command-tool-polyline",
  least: 2,
  closes: false,
  shapeOf: (points) => ({ kind: "polyline", points }),
  lineOf: (points) => ({ kind: "polyline", points }),
});
