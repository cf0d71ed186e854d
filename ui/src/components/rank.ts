//! Finds entries by what is typed: every word must occur; starts of words come first.

/** Entries that match, best first; all of them, in their order, when nothing is typed. */
export function rank<T>(words: string, entries: readonly T[], nameOf: (entry: T) => string): T[] {
  const wanted = words.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  if (wanted.length === 0) return [...entries];
  const scored: { entry: T; score: number; at: number }[] = [];
  for (const [at, entry] of entries.entries()) {
    const name = nameOf(entry).toLocaleLowerCase();
    let score = 0;
    for (const word of wanted) {
      const found = name.indexOf(word);
      if (found < 0) {
        score = -1;
        break;
      }
      score += found === 0 ? 3 : /[\s\-_/:]/.test(name[found - 1] ?? "") ? 2 : 1;
    }
    if (score > 0) scored.push({ entry, score, at });
  }
  return scored.sort((a, b) => b.score - a.score || a.at - b.at).map(({ entry }) => entry);
}
