//! Every tool, one line each.

export { box } from "./box/index.ts";
export { pan } from "./pan/index.ts";
export { point } from "./point/index.ts";
export { polygon } from "./polygon/index.ts";
export { polyline } from "./polyline/index.ts";
export { select } from "./select/index.ts";
