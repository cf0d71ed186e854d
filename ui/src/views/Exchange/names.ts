//! File names and recipients of an export.

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

/** Whether a typed fingerprint is the one shown: the last eight characters are enough to compare. */
export function confirms(typed: string, fingerprint: string): boolean {
  const wanted = typed.trim();
  return wanted === fingerprint || (wanted.length >= 8 && fingerprint.endsWith(wanted));
}
