//! Links and headings of a manual page.

export interface Target {
  slug: string;
  anchor: string;
}

/** Where a link leads inside the manual; nothing for links out of it. */
export function targetOf(href: string, current: string): Target | null {
  if (/^[a-z][a-z0-9+.-]*:/i.test(href)) return null;
  const [path = "", anchor = ""] = href.split("#");
  const slug = path
    .replace(/^.*\//, "")
    .replace(/\.(html|md)$/, "");
  return { slug: slug === "" ? current : slug, anchor: decodeURIComponent(anchor) };
}

/** Second-level headings with an anchor, in order. */
export function headingsOf(html: string): { anchor: string; text: string }[] {
  const parsed = new DOMParser().parseFromString(html, "text/html");
  return [...parsed.querySelectorAll("h2[id]")].map((heading) => ({
    anchor: heading.id,
    text: heading.textContent?.trim() ?? "",
  }));
}
