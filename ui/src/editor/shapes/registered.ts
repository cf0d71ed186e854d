//! Every kind of shape, one line each.

export { box } from "./box/index.ts";
export { point } from "./point/index.ts";
export { polygon } from "./polygon/index.ts";
export { polyline } from "./polyline/index.ts";
