//! Texts of the fake core: manual pages, checks, a folder tree.

import type { BrowseView, ManualHit, ManualPage, SecurityView } from "../bindings.ts";

const PAGES: readonly ManualPage[] = [
  page("first-hour", "Your first hour", [
    ["Make a vault", "A vault is a folder that holds everything, encrypted. Choose a passphrase of at least 15 characters; four or five words that do not belong together work well."],
    ["Bring images in", "Open <strong>Library</strong>, press <strong>Import</strong> and choose a folder. You see a plan first: what is new, what is already there, what is refused and why."],
    ["Draw", "Press <kbd>N</kbd> to draw with the last tool and <kbd>N</kbd> again to finish. Every gesture is saved when the mark says <em>Saved</em>. See <a href=\"annotate.html#keys\">keys</a>."],
  ]),
  page("annotate", "Annotate", [
    ["Tools", "Boxes, polygons, lines and points. The wheel zooms at the cursor; dragging on empty ground pans."],
    ["Keys", "<table><thead><tr><th>Key</th><th>What</th></tr></thead><tbody><tr><td><kbd>D</kbd> <kbd>F</kbd></td><td>Previous and next item</td></tr><tr><td><kbd>Ctrl+Z</kbd></td><td>Undo</td></tr></tbody></table>"],
  ]),
  page("export", "Export and bundles", [
    ["An export is a decision", "What leaves is marked, justified, signed and recorded. Annotations leave without media unless you ask for media."],
    ["Verify without us", "<pre><code>unzip bundle.bag.zip -d bundle\ncd bundle\nsha512sum -c manifest-sha512.txt</code></pre>"],
  ]),
  page("vault-format", "Vault format", [
    ["Folders", "The header, the slots, the directory database and one folder for each project."],
  ]),
];

function page(slug: string, title: string, parts: [string, string][]): ManualPage {
  const body = parts
    .map(([heading, text]) => {
      const anchor = heading.toLowerCase().replaceAll(" ", "-");
      return `<h2 id="${anchor}">${heading}</h2>${text.startsWith("<") ? text : `<p>${text}</p>`}`;
    })
    .join("");
  return { slug, title, html: `<h1>${title}</h1>${body}` };
}

export function manualPages(): { slug: string; title: string }[] {
  return PAGES.map(({ slug, title }) => ({ slug, title }));
}

export function manualPage(slug: string): ManualPage | undefined {
  return PAGES.find((one) => one.slug === slug);
}

export function manualSearch(words: string): ManualHit[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  if (wanted.length === 0) return [];
  return PAGES.flatMap(({ slug, title, html }) =>
    [...html.matchAll(/<h2 id="([^"]+)">([^<]+)<\/h2>(.*?)(?=<h2|$)/gs)].flatMap((found) => {
      const [, anchor = "", heading = "", rest = ""] = found;
      const text = rest.replaceAll(/<[^>]+>/g, " ");
      const all = `${title} ${heading} ${text}`.toLowerCase();
      if (!wanted.every((word) => all.includes(word))) return [];
      return [{ slug, anchor, title, heading, excerpt: text.trim().slice(0, 160) }];
    }),
  );
}

export function securityView(vault: string | null): SecurityView {
  return {
    version: "0.1.0",
    vault,
    checks: [
      { name: "Network", state: "ok", seen: "Sockets of every network family are refused by the kernel (tried just now: AF_INET, AF_INET6, AF_PACKET).", remedy: null },
      { name: "Memory", state: "ok", seen: "Keys lie in locked memory; core dumps and tracing are off.", remedy: null },
      { name: "Swap", state: "warning", seen: "The machine swaps to a disk that is not encrypted.", remedy: "Ask the administrator to encrypt the swap area or to turn it off." },
      { name: "Decoder", state: "ok", seen: "Images are decoded in a process of their own.", remedy: null },
      { name: "Disk", state: "unknown", seen: "Whether the disk under the vault is encrypted can't be seen from here.", remedy: null },
    ],
    probes: [
      { what: "IPv4 stream socket", expected: "refused (EACCES)", seen: "refused (EACCES)", held: true },
      { what: "io_uring", expected: "refused (EACCES)", seen: "refused (EACCES)", held: true },
      { what: "local socket", expected: "allowed", seen: "allowed", held: true },
    ],
    algorithms: [
      { name: "Passphrase", value: "Argon2id, 64 MiB, 3 passes" },
      { name: "Databases", value: "SQLCipher 4, AES-256" },
      { name: "Blobs", value: "AES-256-GCM in chunks of 16 KiB, HKDF-SHA-512" },
      { name: "Signatures", value: "Ed25519 (SSHSIG)" },
      { name: "Sealing", value: "age, X25519" },
    ],
    allowed_signers_line: vault
      ? 'officer namespaces="vaultmark-bundle-creator@v1" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ7x0mQ4b8m9Kp0Yq1eN3u2w5sT6vR8aZcXfGhLkPqWd'
      : null,
  };
}

const TREE: Record<string, { folders: string[]; files: [string, number][] }> = {
  "/": { folders: ["home", "media"], files: [] },
  "/home": { folders: ["analyst"], files: [] },
  "/home/analyst": { folders: ["imagery", "Documents", "vault"], files: [["notes.txt", 812]] },
  "/home/analyst/vault": { folders: [], files: [] },
  "/home/analyst/Documents": { folders: [], files: [["allowed_signers", 148]] },
  "/home/analyst/imagery": {
    folders: ["bccd", "overhead"],
    files: [["instances.json", 4_812_000], ["harbour.bag.zip", 18_400_000]],
  },
  "/home/analyst/imagery/bccd": { folders: ["Annotations", "JPEGImages"], files: [["LICENSE", 1068]] },
  "/home/analyst/imagery/bccd/Annotations": { folders: [], files: Array.from({ length: 40 }, (_, at): [string, number] => [`BloodImage_${String(at).padStart(5, "0")}.xml`, 3100 + at * 37]) },
  "/home/analyst/imagery/bccd/JPEGImages": { folders: [], files: Array.from({ length: 120 }, (_, at): [string, number] => [`BloodImage_${String(at).padStart(5, "0")}.jpg`, 11_000 + at * 131]) },
  "/home/analyst/imagery/overhead": { folders: [], files: [["P0706.png", 9_120_000], ["P1888.png", 7_310_000]] },
  "/media": { folders: ["STICK"], files: [] },
  "/media/STICK": { folders: ["incoming"], files: [["harbour.bag.zip", 18_400_000], ["tampered.bag.zip", 18_400_000]] },
  "/media/STICK/incoming": { folders: [], files: [] },
};

export function browse(path: string | null): BrowseView | null {
  const at = path === null || path === "" ? "/home/analyst" : path.replace(/(.)\/+$/, "$1");
  const here = TREE[at];
  if (!here) return null;
  const join = (name: string) => (at === "/" ? `/${name}` : `${at}/${name}`);
  return {
    path: at,
    parent: at === "/" ? null : at.slice(0, Math.max(1, at.lastIndexOf("/"))),
    entries: [
      ...here.folders.map((name) => ({ name, path: join(name), folder: true, size: null })),
      ...here.files.map(([name, size]) => ({ name, path: join(name), folder: false, size })),
    ],
    places: [
      { kind: "home", name: "", path: "/home/analyst" },
      { kind: "medium", name: "STICK", path: "/media/STICK" },
      { kind: "computer", name: "", path: "/" },
    ],
  };
}
