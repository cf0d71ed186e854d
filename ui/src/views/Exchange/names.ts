//! File names, recipients and fingerprints of an exchange.

/** A file name for a bundle: the project's name in safe letters, and the day. */
export function fileNameFor(project: string, sealed: boolean, at: Date): string {
  const safe = project
    .normalize("NFC")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 40);
  const day = at.toISOString().slice(0, 10);
  return `${safe === "" ? "project" : safe}-${day}.bag.zip${sealed ? ".age" : ""}`;
}

/** Recipients as they are typed: one a line, or apart by spaces or commas. */
export function recipientsIn(text: string): string[] {
  return [...new Set(text.split(/[\s,;]+/).filter(Boolean))];
}

const HASH = "SHA256:";
/** Characters of a fingerprint behind its prefix: 32 bytes in base64 without padding. */
export const FINGERPRINT_LENGTH = 43;

/** How far a typed fingerprint is the one of the bundle. */
export interface Comparison {
  /** Characters that agree, from the first on. */
  agreeing: number;
  /** Whether the next one differs. */
  differs: boolean;
  /** Whether it is the whole fingerprint. */
  whole: boolean;
}

/** Compares character by character; the prefix may be left out, and spaces around it don't count. */
export function compare(typed: string, fingerprint: string): Comparison {
  const wanted = withoutPrefix(fingerprint);
  const text = withoutPrefix(typed.trim());
  // The prefix itself, while it is being typed.
  if (!wanted.startsWith(text) && HASH.startsWith(text)) return { agreeing: 0, differs: false, whole: false };
  let agreeing = 0;
  while (agreeing < text.length && text[agreeing] === wanted[agreeing]) agreeing += 1;
  return {
    agreeing,
    differs: agreeing < text.length,
    whole: text === wanted && text.length === FINGERPRINT_LENGTH,
  };
}

function withoutPrefix(text: string): string {
  return text.startsWith(HASH) ? text.slice(HASH.length) : text;
}
