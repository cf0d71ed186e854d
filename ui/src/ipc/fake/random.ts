//! Repeatable chance: the same seed draws the same picture and the same project.

/** Numbers in [0, 1) from a seed (mulberry32). */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** An id of 32 hexadecimal digits from a kind and a number. */
export function idOf(kind: number, number: number): string {
  const draw = random(kind * 7919 + number * 104729 + 17);
  let id = "";
  while (id.length < 32) id += Math.floor(draw() * 65536).toString(16).padStart(4, "0");
  return id;
}

/** A 32-bit seed from an id. */
export function seedOf(id: string): number {
  return parseInt(id.slice(0, 8), 16);
}
