//! The same backend in memory, so that the real screens run in a plain browser, for tests and for
//! looking at them: `?fake` (a vault to unlock as `officer` with `correct horse battery`),
//! `?fake=setup` (none yet), `?fake=open` (signed in). Also: `items=100000`, `role=viewer`,
//! `policy=two`, `print`, `marking=SECRET`, `delay=300` (ms), `fail=items` (that command refuses).

import type { Backend, CoreEvents } from "./backend.ts";
import type {
  AppError,
  Commands,
  Committed,
  Undone,
  ExportPlan,
  ItemQuery,
  LevelView,
  NewVaultRequest,
  ProjectView,
  SessionView,
} from "./bindings.ts";
import { FakeHistory } from "./fake/edits.ts";
import { FakeJobs } from "./fake/jobs.ts";
import { browse, manualPage, manualPages, manualSearch, securityView } from "./fake/papers.ts";
import { idOf, seedOf } from "./fake/random.ts";
import { picture, scene } from "./fake/scene.ts";
import {
  annotationsOf,
  emptyProject,
  makeProjects,
  receivedProject,
  type FakeItem,
  type FakeProject,
} from "./fake/world.ts";

export const FAKE_NAME = "officer";
export const FAKE_PASSPHRASE = "correct horse battery";
export const FAKE_PATH = "/home/analyst/vault";

export interface FakeOptions {
  stage: "setup" | "locked" | "open";
  items: number;
  role: string | null;
  policy: "single" | "two";
  print: boolean;
  marking: string;
  delay: number;
  fail: keyof Commands | null;
}

export const FAKE_DEFAULTS: FakeOptions = {
  stage: "locked",
  items: 364,
  role: null,
  policy: "single",
  print: false,
  marking: "UNCLASSIFIED",
  delay: 15,
  fail: null,
};

/** Options from an address such as `?fake=open&items=100000`. */
export function fakeOptions(search: string): FakeOptions {
  const given = new URLSearchParams(search);
  const stage = given.get("fake");
  return {
    stage: stage === "setup" || stage === "open" ? stage : "locked",
    items: Number(given.get("items") ?? FAKE_DEFAULTS.items),
    role: given.get("role"),
    policy: given.get("policy") === "two" ? "two" : "single",
    print: given.has("print"),
    marking: given.get("marking") ?? FAKE_DEFAULTS.marking,
    delay: Number(given.get("delay") ?? FAKE_DEFAULTS.delay),
    fail: given.get("fail") as keyof Commands | null,
  };
}

const TILE = 512;
const FINGERPRINT = "SHA256:pX1v0mCk7Yq2dJr9Lw5uZt8aHs3nBf6eGi4oKcVyTjQ";
const SHEET = "AGE-SECRET-KEY-1QYQSZQGPQYQSZQGPQYQSZQGPQYQSZQGPQYQSZQGPQYQSZQGPQYQS7K4M9X";

function refuse(kind: string, detail: string, remedy: string | null): never {
  const error: AppError = { kind, detail, remedy };
  throw error;
}

export function fakeBackend(options: FakeOptions): Backend {
  const projects = options.items < 0 ? [] : makeProjects(options.items, options.role ? [options.role] : undefined);
  const histories = new Map<string, FakeHistory>();
  const jobs = new FakeJobs();
  const hearers = new Map<keyof CoreEvents, Set<(payload: never) => void>>();
  let exists = options.stage !== "setup";
  let failures = 0;
  let marking = options.marking;
  let policy = options.policy;
  let doors: Pick<NewVaultRequest, "copy_seconds" | "drag_out" | "print"> = {
    copy_seconds: 30,
    drag_out: false,
    print: options.print,
  };
  let person = FAKE_NAME;
  let session: SessionView | null = null;

  const emit = <K extends keyof CoreEvents>(event: K, payload: CoreEvents[K]) => {
    for (const hear of hearers.get(event) ?? []) (hear as (payload: CoreEvents[K]) => void)(payload);
  };
  jobs.hear = (job) => emit("job", job);

  const opened = (): SessionView => ({
    person,
    roles: options.role ? [options.role] : ["officer"],
    permissions: options.role
      ? ["project.read"]
      : ["vault.administer", "project.create", "bundle.receive", "vault.check"],
    marking,
    export_policy: policy,
    idle_lock_minutes: 10,
    copy_seconds: doors.copy_seconds,
    may_drag_out: doors.drag_out,
    may_print: doors.print,
    last_sign_in: "2026-11-20T16:21:07Z",
    failures_since: failures,
    media_base: "fake:",
    vault_path: FAKE_PATH,
    signer_fingerprint: FINGERPRINT,
  });
  if (options.stage === "open") session = opened();

  const project = (id: string): FakeProject =>
    projects.find(({ view }) => view.id === id) ??
    refuse("not_found", "The project is no longer in this vault.", "Go back to Projects.");
  const item = (of: FakeProject, id: string): FakeItem =>
    of.items.find((one) => one.id === id) ??
    refuse("not_found", "The item is no longer in this project.", "Go back to the Library.");
  const history = (id: string): FakeHistory => {
    const here = histories.get(id) ?? new FakeHistory();
    histories.set(id, here);
    return here;
  };
  const committed = (id: string, items: string[]): Committed => {
    const log = history(id);
    return {
      change: idOf(9, log.seq),
      seq: log.seq,
      saved_at: new Date().toISOString(),
      items,
      ...log.state(),
    };
  };

  const undone = (change: Committed): Undone => ({ committed: change, exceptions: [], exception_count: 0 });

  const commands: Commands = {
    async vault_front(path) {
      return {
        path: path ?? FAKE_PATH,
        exists: path === null || path === FAKE_PATH ? exists : false,
        marking: exists ? marking : null,
        banner: exists
          ? "This workstation is for authorised work only. What you do here is recorded and may be examined. By signing in you consent to that."
          : null,
        automation: false,
        suggested_path: FAKE_PATH,
        missing_parent: null,
        locked_because: null,
        look: null,
      };
    },
    async vault_create(request) {
      if (browse(request.path) === null && !request.path.startsWith("/")) {
        refuse("bad_path", `“${request.path}” is not a full path.`, "Start it with a slash, or choose a folder.");
      }
      exists = true;
      person = request.officer;
      marking = request.marking;
      policy = request.export_policy;
      doors = request;
      projects.length = 0;
      session = { ...opened(), last_sign_in: null };
      return { session, recovery_sheet: SHEET, recovery_fingerprint: FINGERPRINT };
    },
    async vault_unlock(_path, name, passphrase) {
      if (failures >= 3) {
        refuse(
          "account_locked",
          "This account is locked until 2026-11-23 19:05 UTC after three failures. Nothing was opened.",
          "Wait until then, or ask an officer.",
        );
      }
      if (name !== person || passphrase !== FAKE_PASSPHRASE) {
        failures += 1;
        refuse(
          "wrong_credential",
          "The name or the passphrase is wrong. Nothing was opened.",
          "Check the keyboard layout and Caps Lock. Three failures in 15 minutes lock the account.",
        );
      }
      session = opened();
      failures = 0;
      return session;
    },
    async vault_lock() {
      session = null;
      jobs.clear();
    },
    async session() {
      return session;
    },
    async browse(path) {
      return (
        browse(path) ??
        refuse("not_found", `There is no folder “${path ?? ""}”.`, "Check the spelling, or choose a place on the left.")
      );
    },
    async projects() {
      return { projects: projects.map(({ view }) => ({ ...view })), damaged: [] };
    },
    async project_create(name, own) {
      if (projects.some(({ view }) => view.name === name)) {
        refuse("name_taken", `There is already a project “${name}”.`, "Choose another name.");
      }
      const made = emptyProject(name, own);
      projects.push(made);
      return { ...made.view };
    },
    async items(id, query) {
      const found = select(project(id), query);
      return {
        rows: found.slice(query.offset, query.offset + query.limit).map((one) => ({ ...one })),
        total: found.length,
      };
    },
    async item_ids(id, query) {
      return select(project(id), query).map((one) => one.id);
    },
    async folders(id) {
      const counts = new Map<string, number>();
      for (const { folder } of project(id).items) counts.set(folder, (counts.get(folder) ?? 0) + 1);
      const listed = [...counts].map(([path, items]) => ({ path, items }));
      return { listed, further: 0, items: project(id).items.length };
    },
    async labels(id) {
      return [...project(id).labels];
    },
    async label_save(id, label) {
      const of = project(id);
      if (of.labels.some((one) => one.name === label.name && one.id !== label.id)) {
        refuse("name_taken", `There is already a label “${label.name}”.`, "Choose another name.");
      }
      const rest = of.labels.map((one) =>
        label.key !== null && one.key === label.key ? { ...one, key: null } : one,
      );
      of.labels = label.id
        ? rest.map((one) => (one.id === label.id ? { ...one, ...label, id: one.id } : one))
        : [...rest, { ...label, id: idOf(33, Math.floor(Math.random() * 1e9)), count: 0 }];
      return of.labels;
    },
    async label_delete(id, label) {
      const of = project(id);
      const one = of.labels.find((other) => other.id === label);
      if (one && one.count > 0) {
        refuse(
          "label_in_use",
          `“${one.name}” is still used by ${one.count} annotations. Nothing was changed.`,
          "Give them another label first.",
        );
      }
      of.labels = of.labels.filter((other) => other.id !== label);
      return of.labels;
    },
    async item_open(id, which) {
      const of = project(id);
      const one = item(of, which);
      return {
        id: one.id,
        name: one.name,
        folder: one.folder,
        note: one.note,
        flagged: one.flagged,
        done: one.done,
        width: one.width,
        height: one.height,
        bands: one.bands,
        sample: one.sample,
        format: one.format,
        size: one.size,
        content: "9f2c41d07a5be3881f06c2f4".repeat(4),
        orientation: 1,
        levels: levels(one),
        tile_size: TILE,
        lossless: one.format !== "JPEG",
        needs_stretch: one.sample === "u16",
        has_media: one.has_media,
        annotations: [...annotationsOf(of, one).values()],
        revision: one.revision,
      };
    },
    async edit(id, which, gesture, edits) {
      const of = project(id);
      return committed(id, history(id).commit(of, item(of, which), gesture, edits));
    },
    async undo(id) {
      return undone(committed(id, history(id).undo(project(id))));
    },
    async redo(id) {
      return undone(committed(id, history(id).redo(project(id))));
    },
    async undo_state(id) {
      return history(id).state();
    },
    async history(id, which) {
      return history(id).rows(which);
    },
    async appearance() {},
    async copy_text() {
      if (doors.copy_seconds === 0) {
        refuse(
          "side_door_shut",
          "This vault's policy does not allow copying text: nothing was handed to other programs.",
          null,
        );
      }
    },
    async print_page() {},
    async setting_get(id, key) {
      return project(id).settings.get(key) ?? null;
    },
    async setting_set(id, key, value) {
      project(id).settings.set(key, value);
    },
    async import_plan(id, paths) {
      void project(id);
      return jobs.start("import-plan", 412, 0, 5, () => ({
        token: idOf(5, paths.length),
        new_files: 364,
        new_bytes: 7_812_400,
        duplicates: 12,
        refused: [
          { path: `${paths[0] ?? ""}/bomb.bmp`, reason: "It claims 3,000,000 × 2,000,000 pixels, more than the limit of 2 gigapixels. Nothing else is affected. Skip it, or ask an officer to raise the limit." },
          { path: `${paths[0] ?? ""}/LICENSE`, reason: "It is not an image of a known format." },
          { path: `${paths[0] ?? ""}/link-to-elsewhere`, reason: "It is a symbolic link; links are not followed." },
        ],
        refused_total: 3,
        sample: ["JPEGImages/BloodImage_00000.jpg", "JPEGImages/BloodImage_00001.jpg", "JPEGImages/BloodImage_00002.jpg"],
      }));
    },
    async import_run(id) {
      const of = project(id);
      return jobs.start("import", 364, 7_812_400, 20, () => {
        const made = makeProjects(364)[0];
        if (of.items.length === 0 && made) {
          of.items = made.items;
          of.view = { ...of.view, items: made.items.length };
        }
        emit("project-changed", { project: id });
        return { imported: 364, duplicates: 12, refused: [{ path: "bomb.bmp", reason: "It claims 3,000,000 × 2,000,000 pixels." }], refused_total: 1, bytes: 7_812_400, seconds: 4.2, cancelled: false };
      });
    },
    async formats() {
      return [
        { name: "coco", title: "COCO instances", reads: true, writes: true },
        { name: "voc", title: "Pascal VOC", reads: true, writes: false },
        { name: "native", title: "Vaultmark JSON (lossless)", reads: true, writes: true },
      ];
    },
    async annotations_import(id, format) {
      return jobs.start("annotations-import", 4888, 0, 8, () => {
        emit("project-changed", { project: id });
        return {
          read: 4886,
          refused: [
            { file: `BloodImage_00089.${format === "voc" ? "xml" : "json"}`, line: 41, reason: "The box has no area (xmin 305, xmax 305)." },
            { file: "BloodImage_00325.xml", line: 27, reason: "The box has no area (ymin 480, ymax 480)." },
          ],
          refused_total: 2,
          notes: [{ file: "BloodImage_00010.xml", line: 8, what: "The size in the file is 640 × 481; the image is 640 × 480. The image counts." }],
          created_labels: ["RBC", "WBC", "Platelets"],
        };
      });
    },
    async export_plan(request): Promise<ExportPlan> {
      const of = project(request.project);
      return {
        items: of.view.items,
        annotations: of.view.annotations,
        bytes: request.media ? of.items.reduce((sum, one) => sum + one.size, 0) : of.view.annotations * 180,
        losses: request.formats.includes("coco")
          ? [
              { format: "coco", what: "point annotations", count: 12, consequence: "COCO instances have no points without a skeleton. They stay in the lossless JSON." },
              { format: "coco", what: "notes", count: 31, consequence: "Notes have no place in COCO and are left out." },
            ]
          : [],
        refused:
          policy === "two"
            ? {
                kind: "second_person_needed",
                detail: "This vault's policy asks for a second person's approval of every export. Nothing was written.",
                remedy: "Use a vault whose policy lets one person export.",
              }
            : null,
      };
    },
    async export_run(request) {
      // Where the person declines in the window that asks.
      if (request.justification === "declined") refuse("cancelled", "Cancelled.", null);
      return jobs.start("bundle-create", 9, 14_200_000, 12, () => ({
        path: request.to,
        bytes: 14_200_312,
        bundle: idOf(6, 1),
        sha512: "3b1f0e6c9a7d52841fd07be49c6a".repeat(4) + "0d9e41c87a2b5f63",
        fingerprint: FINGERPRINT,
        audit_code: "K7QM-2X4D-9RTB",
        verified: request.seal_to.length === 0,
      }));
    },
    async bundle_verify(path) {
      const bad = path.includes("tampered");
      return jobs.start("bundle-verify", 14, 18_400_000, 8, () => ({
        ok: !bad,
        bundle: idOf(6, 2),
        marking: "UNCLASSIFIED",
        project: "Harbour survey, spring",
        project_id: idOf(1, 77),
        items: 12,
        annotations: 141,
        media: true,
        changes: 208,
        signer: "m.keller",
        fingerprint: "SHA256:w8Zt1Hc5rYb0uQ3xMnV6dKe9LpSa2GjF7iOq4TyBvXk",
        trusted: false,
        two_person: false,
        approver: "",
        approver_fingerprint: "",
        approved: true,
        recipients: [],
        for_others: false,
        traced: true,
        findings: bad ? ["data/annotations/native.json does not match its SHA-512 in the manifest."] : [],
        created: "2026-11-19T08:12:44Z",
      }));
    },
    async bundle_receive(_path, _signers, _fingerprint, _others, name) {
      return jobs.start("bundle-receive", 12, 18_400_000, 8, (): ProjectView => {
        const made = receivedProject(name ?? "Harbour survey, spring");
        projects.push(made);
        return { ...made.view };
      });
    },
    async jobs() {
      return jobs.list();
    },
    async job_cancel(id) {
      jobs.cancel(id);
    },
    async check() {
      return jobs.start("check", 1600, 310_000_000, 10, () => ({
        findings: [
          { what: "blob", place: "2026-03 pass/north/strip-00041.jpg", problem: "Its bytes were changed on disk: chunk 12 does not authenticate.", remedy: "Restore this file from a backup; everything else is whole." },
        ],
        blobs: 1588,
        changes: 20417,
      }));
    },
    async manual_pages() {
      return manualPages();
    },
    async manual_page(slug) {
      return manualPage(slug) ?? refuse("not_found", `The manual has no page “${slug}”.`, null);
    },
    async manual_search(words) {
      return manualSearch(words);
    },
    async security() {
      return securityView(session ? FAKE_PATH : null);
    },
  };

  const slow = Object.fromEntries(
    Object.entries(commands).map(([name, run]) => [
      name,
      async (...given: unknown[]) => {
        if (options.delay > 0) await new Promise((resolve) => setTimeout(resolve, options.delay));
        if (options.fail === name) {
          refuse(
            "damaged",
            "A page of the project's database does not authenticate. What was saved before is safe.",
            "Run the check under Security; it names what is damaged.",
          );
        }
        return (run as (...given: unknown[]) => Promise<unknown>)(...given);
      },
    ]),
  ) as unknown as Commands;

  const find = (projectId: string, itemId: string) => {
    const one = projects.find(({ view }) => view.id === projectId)?.items.find(({ id }) => id === itemId);
    return one ? { one, drawn: scene(seedOf(one.id), one.width, one.height, one.things) } : null;
  };

  return {
    ...slow,
    listen(event, hear) {
      const set = hearers.get(event) ?? new Set();
      hearers.set(event, set);
      set.add(hear as (payload: never) => void);
      return () => set.delete(hear as (payload: never) => void);
    },
    thumbnail(_session, projectId, itemId) {
      const found = find(projectId, itemId);
      if (!found) return "";
      const { one, drawn } = found;
      const ratio = 256 / Math.max(one.width, one.height);
      return picture(
        drawn,
        { x: 0, y: 0, width: one.width, height: one.height },
        { width: Math.round(one.width * ratio), height: Math.round(one.height * ratio) },
        null,
      );
    },
    tile(_session, at, rendering) {
      const found = find(at.project, at.item);
      if (!found) return "";
      const { one, drawn } = found;
      const level = levels(one)[at.level] ?? { width: one.width, height: one.height };
      const step = one.width / level.width;
      const width = Math.min(TILE, level.width - at.x * TILE);
      const height = Math.min(TILE, level.height - at.y * TILE);
      return picture(
        drawn,
        { x: at.x * TILE * step, y: at.y * TILE * step, width: width * step, height: height * step },
        { width, height },
        rendering,
      );
    },
  };
}

function levels(one: FakeItem): LevelView[] {
  const all: LevelView[] = [];
  let { width, height } = one;
  for (;;) {
    all.push({ width, height });
    if (width <= TILE && height <= TILE) return all;
    width = Math.ceil(width / 2);
    height = Math.ceil(height / 2);
  }
}

function select(of: FakeProject, query: ItemQuery): FakeItem[] {
  const text = query.text?.toLowerCase() ?? "";
  const label = of.labels.findIndex((one) => one.id === query.label);
  const found = of.items.filter((one) => {
    if (text && !`${one.folder}/${one.name}`.toLowerCase().includes(text)) return false;
    if (query.folder !== null && one.folder !== query.folder && !one.folder.startsWith(`${query.folder}/`)) return false;
    if (query.label !== null && (label < 0 || one.annotations <= label * 2)) return false;
    switch (query.state) {
      case "done":
        return one.done;
      case "flagged":
        return one.flagged;
      case "new":
        return one.annotations === 0 && !one.done;
      case "in_progress":
        return one.annotations > 0 && !one.done;
      default:
        return true;
    }
  });
  if (query.sort === "annotations") found.sort((a, b) => a.annotations - b.annotations);
  if (query.sort === "size") found.sort((a, b) => a.size - b.size);
  if (query.descending) found.reverse();
  return found;
}
