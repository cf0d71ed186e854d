//! The polygon tool.

import { chainTool } from "../chain-drawing.ts";

export const polygon = chainTool({
  id: "polygon",
  titleKey: "command-tool-polygon",
  least: 3,
  closes: true,
  shapeOf: (points) => ({ kind: "polygon", outer: points, holes: [] }),
  lineOf: (points) => ({ kind: "polyline", points }),
});
