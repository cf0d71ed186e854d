//! The folder tree, from paths that the core lists flat.

import type { FolderView } from "../../ipc/backend.ts";

export interface Branch {
  path: string;
  name: string;
  depth: number;
  /** Items in it and below. */
  items: number;
  /** Whether it has folders of its own. */
  parent: boolean;
}

/** Folders in the order of a tree, without what lies in folded ones. */
export function branches(folders: readonly FolderView[], folded: ReadonlySet<string>): Branch[] {
  const totals = new Map<string, number>();
  for (const { path, items } of folders) {
    if (path === "") continue;
    const parts = path.split("/");
    for (let depth = 1; depth <= parts.length; depth += 1) {
      const above = parts.slice(0, depth).join("/");
      totals.set(above, (totals.get(above) ?? 0) + items);
    }
  }
  // "a/b" comes right after "a" and before "a b": compare part by part.
  const paths = [...totals.keys()].sort((a, b) => compare(a.split("/"), b.split("/")));
  const hidden = (path: string) =>
    [...folded].some((above) => path.startsWith(`${above}/`));
  return paths
    .filter((path) => !hidden(path))
    .map((path) => ({
      path,
      name: path.slice(path.lastIndexOf("/") + 1),
      depth: path.split("/").length - 1,
      items: totals.get(path) ?? 0,
      parent: paths.some((other) => other.startsWith(`${path}/`)),
    }));
}

function compare(a: readonly string[], b: readonly string[]): number {
  for (let at = 0; at < Math.min(a.length, b.length); at += 1) {
    const order = (a[at] ?? "").localeCompare(b[at] ?? "", undefined, { numeric: true });
    if (order !== 0) return order;
  }
  return a.length - b.length;
}
