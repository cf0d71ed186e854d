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

/** The colour that is furthest from all that labels have, imported ones too; the first of equals. */
export function nextColor(used: readonly string[]): string {
  const room = (color: string) => Math.min(...used.map((one) => distance(color, one)), FURTHEST);
  return COLORS.reduce<string>((best, color) => (room(color) > room(best) ? color : best), COLORS[0]);
}

const FURTHEST = 3 * 255 ** 2 * 3;

/** How unlike two colours look, roughly: squared, with the eye's weights for red, green, blue. */
function distance(a: string, b: string): number {
  const [r1, g1, b1] = channels(a);
  const [r2, g2, b2] = channels(b);
  return 2 * (r1 - r2) ** 2 + 4 * (g1 - g2) ** 2 + 3 * (b1 - b2) ** 2;
}

function channels(color: string): [number, number, number] {
  const value = Number.parseInt(color.slice(1, 7), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}
