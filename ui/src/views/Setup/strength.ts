//! A passphrase in plain words: how it stands before it is used. The core has its own rule of
//! length; this only advises.

export const LENGTH = 15;

export type Strength =
  | { word: "empty" }
  | { word: "short"; missing: number }
  | { word: "plain" | "fair" | "strong" };

/** Characters as a person counts them. */
export function characters(text: string): number {
  return [...text].length;
}

/** What to say about it. */
export function strength(passphrase: string): Strength {
  const length = characters(passphrase);
  if (length === 0) return { word: "empty" };
  if (length < LENGTH) return { word: "short", missing: LENGTH - length };
  const distinct = new Set(passphrase.toLowerCase()).size;
  const words = new Set(passphrase.toLowerCase().split(/[\s\-_.,]+/).filter((word) => word.length > 2)).size;
  // Runs such as aaaa, 12345 or qwert say little, however long they are.
  if (distinct < 8 || runs(passphrase) > length / 2) return { word: "plain" };
  if (words >= 4 || (length >= 20 && distinct >= 12)) return { word: "strong" };
  return { word: "fair" };
}

/** Characters that repeat or follow the one before them. */
function runs(text: string): number {
  let found = 0;
  const codes = [...text.toLowerCase()].map((one) => one.codePointAt(0) ?? 0);
  for (let at = 1; at < codes.length; at += 1) {
    const step = (codes[at] ?? 0) - (codes[at - 1] ?? 0);
    if (Math.abs(step) <= 1) found += 1;
  }
  return found;
}
