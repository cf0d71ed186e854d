//! Colours for new labels: apart from each other on imagery, and for eyes that mix up red and green.

const COLORS = [
  "#e69f00",
  "#56b4e9",
  "#009e73",
  "#f0e442",
  "#cc79a7",
  "#d55e00",
  "#8c9eff",
  "#a6d854",
  "#e78ac3",
  "#66c2c2",
  "#c7b26b",
  "#ff8a80",
] as const;

/** The first colour that no label has, else the one used least. */
export function nextColor(used: readonly string[]): string {
  const uses = (color: string) => used.filter((one) => one.toLowerCase() === color).length;
  return COLORS.reduce<string>((best, color) => (uses(color) < uses(best) ? color : best), COLORS[0]);
}
