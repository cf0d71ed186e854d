//! Which banner a marking wears. The first word of the vocabulary decides; what nobody knows is
//! treated as the highest.

export type MarkingLevel =
  | "unclassified"
  | "cui"
  | "confidential"
  | "secret"
  | "top-secret"
  | "sci";

/** Texts that a person can pick; a site may type its own. */
export const MARKING_WORDS: readonly string[] = [
  "UNCLASSIFIED",
  "CUI",
  "CONFIDENTIAL",
  "SECRET",
  "TOP SECRET",
  "TOP SECRET//SCI",
];

const ORDER: readonly MarkingLevel[] = [
  "unclassified",
  "cui",
  "confidential",
  "secret",
  "top-secret",
  "sci",
];

/** The highest of several markings, as it is written; nothing when there is none. */
export function highest(markings: readonly (string | null | undefined)[]): string | null {
  let found: string | null = null;
  for (const marking of markings) {
    if (!marking) continue;
    if (found === null || level(marking) > level(found)) found = marking;
  }
  return found;
}

const level = (marking: string) => ORDER.indexOf(markingLevel(marking));

/** The banner of a marking text such as `SECRET//NOFORN`. */
export function markingLevel(marking: string): MarkingLevel {
  const [word = "", ...rest] = marking
    .toUpperCase()
    .split("//")
    .map((part) => part.trim());
  switch (word) {
    case "UNCLASSIFIED":
    case "U":
      return "unclassified";
    case "CUI":
      return "cui";
    case "CONFIDENTIAL":
    case "C":
      return "confidential";
    case "SECRET":
    case "S":
      return "secret";
    case "TOP SECRET":
    case "TS":
      return rest.some((part) => part.split("/").includes("SCI") || part.startsWith("SCI"))
        ? "sci"
        : "top-secret";
    default:
      return "sci";
  }
}
